"""The story: wallet → campaign 满100减20 → voucher → order of 100.00 for 80.00 → refusals → trace → proof → refund.

Each act asks the API with an idempotency key of the run, so that playing it again after a crash finds what is done;
each check reads the chain itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from api.cli.client import ApiRefused, until
from api.cli.demo.evidence import Step, Tale
from api.cli.demo.people import CASHIER, SHOP
from api.cli.demo.persons import Sessions
from api.cli.demo.proof import check_proof
from api.cli.demo.refusals import (
    Refusal,
    again_on_evm,
    again_on_solana,
    make_stranger,
    stranger_on_evm,
    stranger_on_solana,
)
from api.cli.demo.state import DemoState
from api.cli.demo.target import DemoTarget
from chains.registry import ConfiguredChains
from codec.evm.create2 import book_address
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.errors import OperationError
from primitives.position import Finality
from primitives.voucher_id import VoucherId

CAP = 50
PRICE_MINOR = 10_000
DISCOUNT_MINOR = 2_000
VALID_SECONDS = 30 * 24 * 3600
REFUND_SECONDS = 24 * 3600
"""How long a redemption can be reversed: the campaign's terms, enforced on EVM."""
POCKET_MINOR = 50_000
"""What the sample holder gets from the faucet once: enough for several orders."""


class Story:
    """One run of the demo."""

    def __init__(
        self, target: DemoTarget, state: DemoState, tale: Tale, chains: ConfiguredChains, people: Sessions
    ) -> None:
        self.state = state
        self._target = target
        self._tale = tale
        self._chains = chains
        self._people = people
        self._holders: dict[ChainId, AccountId] = {}
        self._treasuries: dict[ChainId, AccountId] = {}
        self._issuers: dict[ChainId, AccountId] = {}
        self._organisation = ""
        self._campaign = ""
        self._shop = people.merchant
        self._till = people.cashier
        self._redeemed: dict[ChainId, str] = {}
        self._used: dict[ChainId, str] = {}
        self._orders: dict[ChainId, str] = {}

    def _key(self, *parts: object) -> str:
        return "-".join(["demo", self.state.run, *(str(part) for part in parts)])

    def _note(self, name: str, value: int) -> int:
        self.state = self.state.noted(self._target.state_file, name, str(value))
        return int(self.state.notes[name])

    def _noted(self, name: str) -> int:
        return int(self.state.notes[name])

    def _money(self, chain: ChainId) -> Asset:
        return next(asset for asset in self._chains.known_assets(chain) if asset.symbol == "tCNY")

    def _units(self, chain: ChainId, minor: int) -> int:
        units: int = minor * 10 ** (self._money(chain).decimals - 2)
        return units

    def _shown(self, chain: ChainId, units: int) -> str:
        money = self._money(chain)
        return f"{Amount(units, money).to_decimal():.2f} {money.symbol}"

    async def _balance(self, account: AccountId, asset: Asset) -> int:
        balance: Amount = await self._chains.adapter(account.chain).balance(account, asset)
        return balance.base_units

    def ended(self) -> None:
        """Remember that this run came to its end."""
        self.state = self.state.ended(self._target.state_file)

    # ------------------------------------------------------------------------------------------------------ the people

    async def wallets(self) -> None:
        """The holder's wallet, with its backup checked, and an account on each chain."""
        self._tale.heading("The holder's wallet")
        holder = self._people.holder
        passphrase = {"passphrase": self.state.passphrase}
        try:
            await holder.post("/auth/passphrase", passphrase)
        except ApiRefused as refused:
            if refused.status not in (409, 422):
                raise
        await holder.post("/auth/unlock", passphrase)
        found = (await holder.get("/wallets"))["items"]
        wallet = found[0] if found else await holder.post("/wallets", {"label": "Sample wallet"})
        if not wallet["backup_confirmed"]:
            wallet = await self._back_up(wallet["id"])
        self._tale.done(Step("wallet made, backup checked", fact=f"{wallet['words']} words"))
        accounts = (await holder.get("/wallets/accounts"))["items"]
        for chain in self._chains.all():
            known = [account for account in accounts if account["chain"] == str(chain)]
            made = known[0] if known else await holder.post(f"/wallets/{wallet['id']}/accounts", {"chain": str(chain)})
            self._holders[chain] = AccountId.parse(made["account"])
            self._tale.done(Step(f"account on {self._chains.info(chain).name}", fact=made["address"]))

    async def _back_up(self, wallet_id: str) -> Any:
        """Write the words down (here: in memory, for a moment) and give those that are asked back."""
        holder = self._people.holder
        shown = await holder.post(f"/wallets/{wallet_id}/backup/reveal", {"passphrase": self.state.passphrase})
        words = shown["mnemonic"].split()
        asked = await holder.post(f"/wallets/{wallet_id}/backup/challenge")
        answers = {str(position): words[position - 1] for position in asked["positions"]}
        return await holder.post(f"/wallets/{wallet_id}/backup/confirm", {"words": answers})

    async def shop(self) -> None:
        """The merchant's organisation with its accounts, fees and a cashier."""
        self._tale.heading("The merchant")
        merchant = self._people.merchant
        found = (await merchant.get("/organisations"))["items"]
        made = found[0] if found else await merchant.post("/organisations", {"name": SHOP})
        self._organisation = made["id"]
        self._shop = merchant.acting_for(self._organisation)
        self._till = self._people.cashier.acting_for(self._organisation)
        members = (await merchant.get(f"/organisations/{self._organisation}/members"))["items"]
        if not any(member["email"] == CASHIER.email for member in members):
            body = {"email": CASHIER.email, "role": "cashier"}
            await merchant.post(f"/organisations/{self._organisation}/members", body)
        made = await until(
            "the organisation's accounts",
            lambda: merchant.get(f"/organisations/{self._organisation}"),
            lambda answer: len(answer["accounts"]) >= 2 * len(self._chains.all()),
        )
        for entry in made["accounts"]:
            account = AccountId.parse(entry["account"])
            accounts = self._treasuries if entry["purpose"] == "treasury" else self._issuers
            accounts[account.chain] = account
        for account in [*self._issuers.values(), *self._treasuries.values()]:
            await self._has_fees(account)
        self._tale.done(Step("shop open, cashier at the till", fact=made["name"]))

    async def _has_fees(self, account: AccountId) -> None:
        native = self._chains.adapter(account.chain).native
        await until(f"fees of {account}", lambda: self._balance(account, native), lambda units: units > 0)

    # ---------------------------------------------------------------------------------------------------- the campaign

    async def campaign(self) -> None:
        """满100减20, fifty vouchers on each chain, each chain's escrow funded for all of them."""
        self._tale.heading("The campaign 满100减20")
        merchant = self._shop
        for chain, treasury in self._treasuries.items():
            money = self._money(chain)
            await self._people.merchant.post(
                f"/chains/{chain}/faucet",
                {
                    "account": str(treasury),
                    "asset": str(money.id),
                    "base_units": str(self._units(chain, CAP * DISCOUNT_MINOR)),
                },
                key=self._key("funds", chain.family),
            )
        drafted = await merchant.post("/campaigns", self._terms(), key=self._key("campaign"))
        self._campaign = drafted["id"]
        await merchant.post(f"/campaigns/{self._campaign}/launch", {})
        shown = await until(
            "the launch",
            lambda: merchant.get(f"/campaigns/{self._campaign}"),
            lambda answer: answer["status"] in ("active", "failed"),
        )
        if shown["status"] != "active":
            raise OperationError(f"the campaign failed to launch: {shown}")

    def _terms(self) -> dict[str, Any]:
        start = self._note("valid_from", int(time.time()) - 3600)
        return {
            "title": "满100减20",
            "kind": "threshold",
            "effect": {"min_spend": PRICE_MINOR, "amount_off": DISCOUNT_MINOR},
            "currency": "CNY",
            "valid_from": datetime.fromtimestamp(start, UTC).isoformat(),
            "valid_until": datetime.fromtimestamp(start + VALID_SECONDS, UTC).isoformat(),
            "zone": "Asia/Shanghai",
            "refund": {"policy": "keep", "window_seconds": REFUND_SECONDS},
            "lanes": [{"chain": str(chain), "cap": CAP} for chain in self._chains.all()],
        }

    # ----------------------------------------------------------------------------------------------------- on one chain

    async def on_chain(self, chain: ChainId) -> None:
        """Issue, pay, be refused, trace: the same story on each chain."""
        self._tale.heading(f"On {self._chains.info(chain).name} ({chain})")
        await self._give(chain, await self._issue(chain, "first"))
        await self._pay(chain)
        # Before the second one: Solana's chain counts the holder's vouchers, and must find none left to burn.
        await self._same_again(chain)
        second = await self._issue(chain, "second")
        await self._stranger(chain, second)
        await self._prove(chain)
        await self._refund(chain)

    async def _issue(self, chain: ChainId, which: str) -> VoucherId:
        """One voucher for the holder, who pays nothing for it."""
        holder = self._holders[chain]
        native = self._chains.adapter(chain).native
        before = self._note(f"native:{chain.family}", await self._balance(holder, native))
        asked = await self._shop.post(
            f"/campaigns/{self._campaign}/issue",
            {"holders": [str(holder)]},
            key=self._key("issue", which, chain.family),
        )
        issued = await until(
            "the issue",
            lambda: self._shop.get(f"/campaigns/{self._campaign}/issuances/{asked['id']}"),
            lambda answer: answer["status"] in ("done", "failed"),
        )
        if issued["status"] != "done":
            raise OperationError(f"the issue failed: {issued['failure']}")
        (voucher,) = issued["vouchers"]
        await until(
            "the holder's voucher",
            self._held,
            lambda held: any(item["id"] == voucher for item in held),
        )
        _expect("what the holder paid in fees for the issue", await self._balance(holder, native), before)
        return VoucherId.parse(voucher)

    async def _give(self, chain: ChainId, voucher: VoucherId) -> None:
        """What the chain says of launch, funding and issue."""
        acts = await self._acts(str(voucher))
        full = self._units(chain, CAP * DISCOUNT_MINOR)
        _expect("the funding", int(acts["funding"]["details"]["base_units"]), full)
        await self._from_chain("campaign launched", chain, acts["launch"])
        await self._from_chain(f"escrow funded for {CAP}", chain, acts["funding"], amount=full)
        await self._from_chain("voucher issued, holder pays 0", chain, acts["issue"], fact=f"…{str(voucher)[-16:]}")

    async def _pay(self, chain: ChainId) -> None:
        """An order of 100.00, paid with 80.00 and the voucher; balances are read from the chain before and after."""
        holder, treasury, money = self._holders[chain], self._treasuries[chain], self._money(chain)
        await self._people.holder.post(
            f"/chains/{chain}/faucet",
            {"account": str(holder), "asset": str(money.id), "base_units": str(self._units(chain, POCKET_MINOR))},
            key=self._key("pocket", chain.family),
        )
        holder_before = self._note(f"holder:{chain.family}", await self._balance(holder, money))
        merchant_before = self._note(f"merchant:{chain.family}", await self._balance(treasury, money))
        line = {"sku": "tea-001", "name": "Sample tea 示例茶", "quantity": 1, "unit_price_minor": PRICE_MINOR}
        till = self._till
        order = await till.post("/orders", {"currency": "CNY", "lines": [line]}, key=self._key("order", chain.family))
        payment = await self._paid(chain, order["id"])
        used = [redemption["voucher"] for redemption in payment["redemptions"]]
        if len(used) != 1:
            raise OperationError(f"the order was paid with {used}, expected one voucher")
        paid, discount = self._units(chain, PRICE_MINOR - DISCOUNT_MINOR), self._units(chain, DISCOUNT_MINOR)
        if f"paid:{chain.family}" not in self.state.notes:  # afterwards it may have been given back
            _expect("what the holder paid", holder_before - await self._balance(holder, money), paid)
            _expect("what the merchant got", await self._balance(treasury, money) - merchant_before, paid + discount)
            self._note(f"paid:{chain.family}", paid)
        self._orders[chain] = order["id"]
        self._redeemed[chain] = payment["tx_hash"]
        self._used[chain] = used[0]
        # The engine may hear of a final block before the ledger has read it.
        acts = await until(
            "the redemption in the ledger", lambda: self._acts(used[0]), lambda acts: "redemption" in acts
        )
        await self._from_chain("order of 100.00 paid", chain, acts["redemption"], amount=paid, fact="holder −80.00")
        await self._from_chain("merchant paid in full", chain, acts["redemption"], amount=paid + discount)

    async def _paid(self, chain: ChainId, order: str) -> Any:
        """Quote and pay until the payment is final. An attempt that ended without effect is followed by a new one."""
        holder = self._people.holder

        async def look() -> Any:
            shown = await holder.get(f"/orders/{order}")
            if shown["order"]["status"] == "open":
                live = [str(item["id"]) for item in await self._held() if item["status"] == "live"]
                # What earlier runs left is as good, and would be taken first.
                older = [one for one in live if str(VoucherId.parse(one).campaign) != self._campaign]
                try:
                    quote = await holder.post(f"/orders/{order}/quote", {"chain": str(chain), "keep": older})
                    _expect("the quoted discount", quote["discount"]["minor"], DISCOUNT_MINOR)
                    await holder.post(f"/orders/{order}/pay", {"quote": quote["id"]}, key=self._key("pay", quote["id"]))
                except ApiRefused as refused:
                    if refused.status not in (409, 410, 503):
                        raise
            return shown

        shown = await until("the payment", look, lambda answer: answer["order"]["status"] == "paid")
        return shown["payment"]

    async def _same_again(self, chain: ChainId) -> None:
        """The API says no, and so does the chain when it is asked to execute the same redemption again.

        It is asked once in a run: later the holder has another voucher, and without the co-signer, who knows serials,
        Solana would take that one.
        """
        name = f"again:{chain.family}"
        if name not in self.state.notes:
            rpc, tx_hash = self._chains.client(chain), self._redeemed[chain]
            refusal = await (again_on_evm if chain.family == "eip155" else again_on_solana)(rpc, tx_hash)
            self.state = self.state.noted(self._target.state_file, name, orjson.dumps(refusal).decode())
        self._refused("same voucher again: refused", chain, Refusal(**orjson.loads(self.state.notes[name])))

    async def _stranger(self, chain: ChainId, voucher: VoucherId) -> None:
        """Somebody without any right tries to use the holder's other voucher."""
        stranger = make_stranger(chain)
        native = self._chains.adapter(chain).native
        await self._people.holder.post(
            f"/chains/{chain}/faucet",
            {
                "account": str(stranger.account),
                "asset": str(native.id),
                "base_units": str(10 ** (native.decimals - 1)),
            },
            key=self._key("stranger", stranger.account.address),
        )
        if chain.family == "eip155":
            book = AccountId.from_raw(chain, book_address())
            refusal = await stranger_on_evm(self._chains, stranger, book, voucher, self._treasuries[chain])
        else:
            refusal = await stranger_on_solana(
                self._chains, stranger, self._issuers[chain], voucher, self._holders[chain]
            )
        self._refused("a stranger: refused", chain, refusal)

    async def _prove(self, chain: ChainId) -> None:
        """The voucher's provenance, and its proof bundle before the stand-alone verifier."""
        voucher = self._used[chain]
        tree = await self._people.auditor.get(f"/vouchers/{voucher}/provenance")
        self._tale.done(Step("provenance", fact=" → ".join(act["act"] for act in _walk(tree["root"]))))
        bundle = await self._people.auditor.download(f"/vouchers/{voucher}/proof")
        checked = await check_proof(bundle)
        self._tale.done(
            Step(
                "proof bundle verified; one changed byte refused",
                fact=f"{checked.facts} facts, {checked.size} bytes, byte {checked.refused_at} changed",
            )
        )

    async def _refund(self, chain: ChainId) -> None:
        """Everything comes back: the money to the holder, the payout to the escrow, and a voucher for the used one, as
        the campaign's terms say. Balances are read from the chain."""
        holder, treasury, money = self._holders[chain], self._treasuries[chain], self._money(chain)
        order, used = self._orders[chain], self._used[chain]
        asked = await self._shop.post(f"/orders/{order}/refund", {}, key=self._key("refund", chain.family))
        page = await until(
            "the refund",
            lambda: self._shop.get(f"/orders/{order}/refunds"),
            lambda answer: any(item["id"] == asked["id"] and item["status"] == "done" for item in answer["items"]),
        )
        (refund,) = page["items"]
        steps = {step["kind"]: step for step in refund["steps"]}
        paid, discount = self._units(chain, PRICE_MINOR - DISCOUNT_MINOR), self._units(chain, DISCOUNT_MINOR)
        _expect("what the holder got back", int(steps["money"]["base_units"]), paid)
        _expect("what the holder has", await self._balance(holder, money), self._noted(f"holder:{chain.family}"))
        _expect("what the merchant has", await self._balance(treasury, money), self._noted(f"merchant:{chain.family}"))
        await self._books_are_whole(chain)
        fresh = await self._reissued(chain, used, {step["tx_hash"] for step in refund["steps"]})
        # The reversal stands with the used voucher on EVM, and with the new one, whose issue it is, on Solana.
        again = await self._acts(fresh)
        acts = {**again, **await self._acts(used)}
        transaction = steps["money"]["tx_hash"]
        await self._shown_by_chain("order refunded", chain, transaction, amount=paid, fact="holder +80.00")
        await self._from_chain("payout back in escrow", chain, acts["reversal"], amount=discount)
        await self._from_chain("voucher reissued", chain, again["issue"], fact=f"…{fresh[-16:]} for …{used[-16:]}")

    async def _books_are_whole(self, chain: ChainId) -> None:
        """The escrow, as the chain has it, is what was funded, and the books say the same."""
        books = await until(
            "the books of the refund",
            lambda: self._shop.get(f"/settlements/books/{self._campaign}"),
            lambda answer: all(lane["equal"] and lane["pending"] == "0" for lane in answer["lanes"]),
        )
        (lane,) = [one for one in books["lanes"] if one["chain"] == str(chain)]
        _expect("the escrow after the refund", int(lane["on_chain"]), self._units(chain, CAP * DISCOUNT_MINOR))

    async def _reissued(self, chain: ChainId, used: str, transactions: set[str]) -> str:
        """The live voucher that the holder has for the used one: a transaction of the refund issued it. Vouchers of
        earlier runs of the demo may lie beside it."""

        async def issued() -> list[str]:
            mine = [
                str(item["id"])
                for item in await self._held()
                if item["status"] == "live" and VoucherId.parse(item["id"]).campaign == VoucherId.parse(used).campaign
            ]
            return [one for one in mine if (await self._acts(one))["issue"]["place"]["transaction"] in transactions]

        vouchers = await until("the reissued voucher", issued, bool)
        if len(vouchers) != 1:
            raise OperationError(
                f"for the used voucher {used} the holder should have one new one, and has {vouchers}",
                order=self._orders[chain],
            )
        voucher: str = vouchers[0]
        return voucher

    # --------------------------------------------------------------------------------------------------------- evidence

    async def _held(self) -> list[dict[str, Any]]:
        """All vouchers that the holder has or had."""
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            page = await self._people.holder.get(f"/vouchers?limit=200{more}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            more = f"&cursor={page['next_cursor']}"

    async def _acts(self, voucher: str) -> dict[str, Any]:
        """The standing acts of a voucher's provenance by name."""
        tree = await self._people.auditor.get(f"/vouchers/{voucher}/provenance")
        return {act["act"]: act for act in _walk(tree["root"]) if act["standing"]}

    async def _from_chain(
        self, act: str, chain: ChainId, node: Any, *, amount: int | None = None, fact: str | None = None
    ) -> None:
        """Read the act's transaction from the chain itself and show what the chain says."""
        place = node["place"]
        await self._shown_by_chain(act, chain, place["transaction"], height=place["height"], amount=amount, fact=fact)

    async def _shown_by_chain(
        self,
        act: str,
        chain: ChainId,
        tx_hash: str,
        *,
        height: int | None = None,
        amount: int | None = None,
        fact: str | None = None,
    ) -> None:
        adapter = self._chains.adapter(chain)
        receipt = await until(
            f"finality of {tx_hash}",
            lambda: adapter.receipt(tx_hash),
            lambda found: found is not None and found.finality >= Finality.FINALIZED,
        )
        if not receipt.ok or height not in (None, receipt.height):
            raise OperationError(f"the chain tells {act} otherwise than the ledger: {receipt}")
        self._tale.done(
            Step(
                act,
                str(chain),
                tx_hash,
                receipt.height,
                receipt.block_hash.hex(),
                receipt.finality.name.lower(),
                None if amount is None else self._shown(chain, amount),
                fact,
            )
        )

    def _refused(self, act: str, chain: ChainId, refusal: Refusal) -> None:
        self._tale.done(
            Step(act, str(chain), refusal.tx, refusal.height, refusal.block_hash, "included", fact=refusal.reason)
        )


def _expect(what: str, found: int, wanted: int) -> None:
    """Raises OperationError."""
    if found != wanted:
        raise OperationError(f"{what}: {found}, expected {wanted}", found=found, wanted=wanted)


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node["children"]:
        yield from _walk(child)
