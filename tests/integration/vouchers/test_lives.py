"""Vouchers through their whole lives in any order, on real chains that reorganise meanwhile.

A seeded driver picks the next act: issue, claim by link, hand on, redeem, refund, or a reorganisation of the newest
blocks; at last the campaign expires and its escrow is reclaimed. After every round, once all is final: redeemed −
reversed ≤ issuedEver ≤ cap, by the chain itself and by the ledger's facts, and books = escrow = chain.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
import pytest_asyncio

from chains import events as facts
from chains.solana.voucher_book import SolanaVoucherBook
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId, SerialClass
from tests.integration.vouchers.ending import DISCOUNT, REFUND_SECONDS, Ending, KeystoreClock
from tests.integration.vouchers.test_both_chains import charged, issued, network, shop, until
from vouchers.campaigns.sql import get_campaign
from vouchers.ledger import sql as ledger

pytestmark = [pytest.mark.xdist_group("lives"), pytest.mark.timeout(1_800)]
__all__ = ["network", "shop"]

CAP = 5
POCKET = 2_000_000_000
_MINT_SUPPLY = slice(36, 44)


@pytest.fixture(autouse=True)
def keystore_clock(monkeypatch):
    monkeypatch.setattr("keystore.service.SystemClock", KeystoreClock)
    monkeypatch.setattr(KeystoreClock, "ahead", timedelta(0))


@pytest_asyncio.fixture
async def ending(keystore_clock, shop, network):
    return Ending(shop, network)


class Life:
    """One campaign, two holders, and what the chain must say of them."""

    def __init__(self, ending, seed):
        self.ending, self.shop, self.draw = ending, ending.shop, random.Random(seed)
        self.holders: list[tuple[dict[str, str], str]] = []
        self.paid: list[str] = []
        self.campaign = ""
        self.ends = 0
        self.code = ""
        self.issued = 0
        self.done: list[str] = []

    async def begin(self):
        made = await self.ending.launched(cap=CAP, transfer="free", claim={"ways": ["list", "link"]})
        self.campaign, self.ends = made["id"], made["ends"]
        links = await self.ending.ask(
            "POST", f"/campaigns/{self.campaign}/claim-links", {"uses": None, "per_identity": None}
        )
        self.code = links["items"][0]["code"]
        # Refunds may come before the merchant's share of later sales.
        await self.shop.give(str(self.shop.treasury), "tCNY", 100_000_000)
        for name in ("li", "wang"):
            who, account = await self.shop.holder(name)
            await self.shop.give(account, "tCNY", POCKET)
            if self.ending.evm:
                await self.shop.give(account, "native", 10**18)
            self.holders.append((who, account))

    async def live(self, holder):
        page = await self.shop.ask("GET", "/vouchers", holder)
        return [one["id"] for one in page["items"] if one["status"] == "live" and not one["in_flight"]]

    async def act(self, chosen=None):
        acts = [self.issue, self.claim, self.redeem, self.hand_on, self.refund, self.reorganise]
        act = self.draw.choice(acts) if chosen is None else getattr(self, chosen)
        self.done.append(act.__name__)
        await act()

    async def issue(self):
        _, account = self.draw.choice(self.holders)
        if self.issued < CAP:
            await issued(self.shop, self.campaign, account)
            self.issued += 1  # reissues after refunds are counted apart from the cap
            return
        refused = await self.ending.ask("POST", f"/campaigns/{self.campaign}/issue", {"holders": [account]}, expect=409)
        assert refused["code"] == "campaign_exhausted"

    async def claim(self):
        who, account = self.draw.choice(self.holders)
        body = {"code": self.code, "account": account}
        if self.issued == CAP:
            refused = await self.shop.ask("POST", "/claims", who, body, expect=409)
            assert refused["code"] == "campaign_exhausted"
            return
        taken = await self.shop.ask("POST", "/claims", who, body, expect=202)
        self.issued += 1
        told = await until(
            lambda: self.shop.ask("GET", f"/claims/mine/{taken['id']}", who),
            lambda claim: claim["status"] != "requested",
            180,
        )
        assert told["status"] == "issued", told

    async def redeem(self):
        who, _ = self.draw.choice(self.holders)
        order = await charged(self.shop)
        quote = await self.shop.ask("POST", f"/orders/{order}/quote", who, {})
        answer = await self.shop.http.post(
            f"/api/v1/orders/{order}/pay",
            headers={**who, "Idempotency-Key": order},
            json={"quote": quote["id"]},
        )
        assert answer.status_code in (202, 409, 410), answer.text
        if answer.status_code != 202:
            return
        ended = await until(
            lambda: self.shop.ask("GET", f"/orders/{order}", who),
            lambda found: found["order"]["status"] in ("paid", "open"),
            180,
        )
        if ended["order"]["status"] == "paid":
            self.paid.append(order)

    async def hand_on(self):
        who, account = self.draw.choice(self.holders)
        other = next(one for _, one in self.holders if one != account)
        live = await self.live(who)
        if not live:
            return
        answer = await self.shop.http.post(
            f"/api/v1/vouchers/{live[0]}/transfer",
            headers={**who, "Idempotency-Key": f"{live[0]}:{len(self.done)}"},
            json={"recipient": other},
        )
        assert answer.status_code in (202, 409), answer.text
        # On Solana a serial that was handed on stays bound for a while: the authority refuses it, and nothing is sent.
        if answer.status_code == 202 and answer.json()["status"] != "failed":
            receiver = next(one for one, theirs in self.holders if theirs == other)
            await until(lambda: self.live(receiver), lambda found: live[0] in found, 180)

    async def refund(self):
        if not self.paid:
            return
        order = self.paid.pop(self.draw.randrange(len(self.paid)))
        made = await self.ending.refunded(order, None)
        assert made["status"] == "done", made

    async def reorganise(self):
        """The newest block or slots are replaced; what they held lands again, or is sent again."""
        if self.ending.evm:
            await self.shop.app.services.chains.adapter(self.shop.chain)._rpc.call("anvil_reorg", 1, [])
        else:
            # After a rewinding as many slots must pass before there is something to rewind again.
            await self.ending.network.mine(3, family="solana")
            await self.ending.network.rewind_solana(2, self.draw.choice(("same", "reverse", "none")))

    async def expire(self):
        """After the last moment nothing is given out or redeemed, and after the refund window the rest goes back."""
        live = sum([len(await self.live(who)) for who, _ in self.holders])
        await self.ending.travel(self.ends)
        for who, account in self.holders:
            order = await charged(self.shop)
            quote = await self.shop.ask("POST", f"/orders/{order}/quote", who, {})
            assert quote["used"] == []
            assert {one["reason"] for one in quote["unused"]} <= {"expired"}
            refused = await self.shop.ask("POST", "/claims", who, {"code": self.code, "account": account}, expect=409)
            assert refused["code"] in ("campaign_not_active", "campaign_exhausted")
        (lane,) = (await self.ending.ask("GET", f"/settlements/liability/{self.campaign}"))["items"]
        assert (lane["breakage"], lane["liability"]) == (live, "0"), self.done
        await self.ending.travel(self.ends + REFUND_SECONDS)
        had = await self.ending.treasury()
        await self.ending.ask("POST", f"/campaigns/{self.campaign}/reclaim", {"chain": str(self.shop.chain)})
        assert [act["status"] for act in await self.ending.acts(self.campaign, "reclaim")] == ["done"]
        await self.ending.books(self.campaign, 0)
        assert await self.ending.treasury() == had + int(lane["escrow"])
        assert await self.standing_live() == live

    async def standing_live(self):
        """Live vouchers by the ledger's own facts; what they say must hold at every moment."""
        async with self.shop.app.services.database.transaction() as tx:
            told = await ledger.history(tx, campaign=CampaignId.parse(self.campaign))
        stands: Counter[object] = Counter()
        for entry in told:
            stands[entry.position, entry.event.fact] += -1 if entry.reversing else 1
        assert set(stands.values()) <= {0, 1}, self.done
        counts = Counter(type(fact) for (_, fact), standing in stands.items() if standing)
        fresh = sum(
            1
            for (_, fact), standing in stands.items()
            if standing
            and isinstance(fact, facts.VoucherIssued)
            and fact.voucher.serial.kind is not SerialClass.REISSUE
        )
        reversed_ = counts[facts.RedemptionReversed] + counts[facts.RedemptionUndone]
        redeemed = counts[facts.VoucherRedeemed]
        assert redeemed - reversed_ <= fresh <= CAP, (counts, self.done)
        assert fresh == self.issued
        assert not counts[facts.Divergence]
        return fresh - redeemed + reversed_

    async def holds(self):
        async with self.shop.app.services.database.transaction() as tx:
            campaign = await get_campaign(tx, CampaignId.parse(self.campaign))
        terms = campaign.terms(self.shop.chain)
        books = await until(
            lambda: self.ending.ask("GET", f"/settlements/books/{self.campaign}"),
            lambda found: all(lane["equal"] and lane["pending"] == "0" for lane in found["lanes"]),
            180,
        )
        counts = (await self.ending.ask("GET", f"/campaigns/{self.campaign}"))["counts"]
        assert counts["alarms"] == 0
        book = self.shop.app.services.chains.book(self.shop.chain)
        live = await self.standing_live()
        if isinstance(book, SolanaVoucherBook):
            mint = await book.node.account((await book.accounts(terms)).mint.address)
            supply = int.from_bytes(mint.data[_MINT_SUPPLY], "little")
            escrow = (await book.escrow(terms)).base_units
        else:
            said = await book.campaign(terms)
            assert said.redeemed - said.reversed <= said.issued_ever <= terms.cap
            supply, escrow = said.live, said.escrow
        assert supply == live == counts["live"], (supply, live, counts, self.done)
        assert str(escrow) == books["lanes"][0]["escrow"]
        # The sponsor bears every discount whole: what left escrow is what stands redeemed.
        assert escrow == (CAP - (self.issued - live)) * DISCOUNT, self.done
        held = sum([len(await self.live(who)) for who, _ in self.holders])
        assert held == counts["live"], self.done
        spent = sum([await self.shop.balance(AccountId.parse(account)) for _, account in self.holders])
        assert spent == 2 * POCKET - 80_000_000 * (self.issued - live) - await self.paid_without_voucher(), self.done

    async def paid_without_voucher(self):
        """Sales for which the payer had no voucher: the whole price."""
        whole = 0
        for order in self.paid:
            receipt = await self.ending.ask("GET", f"/orders/{order}/receipt")
            whole += 0 if receipt["payment"]["redemptions"] else 100_000_000
        return whole


async def _live(ending, seed, acts):
    """`acts`: how many at random, or which."""
    life = Life(ending, seed)
    await life.begin()
    for number, chosen in enumerate([None] * acts if isinstance(acts, int) else acts):
        await life.act(chosen)
        if number % 4 == 3:
            await life.holds()
    await life.holds()
    await life.expire()


@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_a_short_life(ending):
    await _live(ending, seed=7, acts=["claim", "redeem", "reorganise"])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_long_lives(ending, seed):
    await _live(ending, seed=seed, acts=25)
