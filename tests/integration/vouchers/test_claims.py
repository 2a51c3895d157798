"""Claims over HTTP on the real local chains: never one too many, and each exactly once though the worker dies."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from coincurve import PrivateKey
from pydantic import SecretStr
from solders.keypair import Keypair

from api.composition import compose
from api.operator_key import ensure_operator_key
from api.settings import Settings
from chains.rpc.errors import NodeRefusal
from codec.drop_tree import build_upper, drop_leaves, proves
from codec.evm.book import structs
from codec.evm.book.calls import redeem_from_drop_call
from codec.evm.book.interface import contract_signature
from codec.evm.redeem_order import digest
from codec.evm.transaction import address_of_public_key
from localnet.testing import Localnet, start_localnet
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId, VoucherId
from tests.integration.vouchers.test_both_chains import FEES, Shop, charged, draft, settled, until
from vouchers.issuance.drops.document import decode_drop

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.xdist_group("claims")]
BOTH = pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)


class Place:
    """Where another worker finds everything."""

    def __init__(self, database_url: str, control_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.control_url = control_url
        self.folder = folder

    async def worker(self, fault_point: str | None = None) -> asyncio.subprocess.Process:
        environment = {name: value for name, value in os.environ.items() if name != "QUANBAO_FAULT_POINT"}
        if fault_point is not None:
            environment["QUANBAO_FAULT_POINT"] = fault_point
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.vouchers.claim_worker"),
            *(self.database_url, self.control_url, str(self.folder)),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Iterator[Localnet]:
    running = asyncio.run(start_localnet(tmp_path_factory.mktemp("chains"), block_seconds=0.25, slot_seconds=0.2))
    yield running
    asyncio.run(running.stop())


@pytest.fixture
def place(network, database_url, tmp_path) -> Place:
    return Place(database_url, network.control_url, tmp_path)


@pytest_asyncio.fixture
async def shop(place, request) -> AsyncIterator[Shop]:
    settings = Settings(
        data_dir=place.folder / "data",
        key_dir=place.folder / "keys",
        database_url=SecretStr(place.database_url),
        localnet_url=place.control_url,
        log_level="error",
    )
    ensure_operator_key(settings.key_file)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(compose(settings))
        transport = httpx.ASGITransport(app.asgi)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60)
        )
        chain = next(one for one in app.services.chains.all() if one.family == request.param)
        shop = Shop(app, http, chain)
        async with app.working():
            await app.provision()
            owner = await shop.person("mei")
            made = await shop.ask("POST", "/organisations", owner, {"name": "梅记茶馆"})
            shop.merchant = {**owner, "Organisation-Id": made["id"]}
            for held in await app.services.organisation_accounts(UUID(made["id"])):
                if held.account.chain == chain:
                    await shop.give(str(held.account), "native", FEES[chain.family])
                    if held.purpose.value == "treasury":
                        shop.treasury = held.account
        yield shop


def fresh_accounts(shop: Shop, count: int) -> list[str]:
    if shop.chain.family == "eip155":
        return [str(AccountId.from_raw(shop.chain, secrets.token_bytes(20))) for _ in range(count)]
    return [str(AccountId.from_raw(shop.chain, bytes(Keypair().pubkey()))) for _ in range(count)]


async def drafted(shop: Shop, cap: int, **changes: Any) -> str:
    assert shop.treasury is not None
    await shop.give(str(shop.treasury), "tCNY", cap * 20_000_000)
    body = draft(shop, cap, **{"claim": {"ways": ["list", "link", "drop"]}, **changes})
    made = await shop.ask("POST", "/campaigns", shop.merchant, body, expect=201)
    return str(made["id"])


async def launch(shop: Shop, campaign: str) -> None:
    await shop.ask("POST", f"/campaigns/{campaign}/launch", shop.merchant, {}, expect=202)
    active = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign}", shop.merchant),
        lambda found: found["status"] in ("active", "failed"),
    )
    assert active["status"] == "active", active["lanes"]


async def code_of(shop: Shop, campaign: str, **body: Any) -> str:
    made = await shop.ask("POST", f"/campaigns/{campaign}/claim-links", shop.merchant, body, expect=201)
    return str(made["items"][0]["code"])


async def race(shop: Shop, code: str, accounts: Sequence[str], people: int) -> tuple[list[Any], Counter[str]]:
    """Everybody claims at once: what was taken, and the refusals by code."""
    who = [await shop.person(f"p{number}") for number in range(people)]

    async def one(number: int) -> httpx.Response:
        return await shop.http.post(
            "/api/v1/claims",
            headers={**who[number % people], "Idempotency-Key": uuid4().hex},
            json={"code": code, "account": accounts[number]},
        )

    answers = await asyncio.gather(*(one(number) for number in range(len(accounts))))
    taken = [answer.json() for answer in answers if answer.status_code == 202]
    return taken, Counter(answer.json()["code"] for answer in answers if answer.status_code != 202)


async def all_issued(shop: Shop, campaign: str, count: int, seconds: float = 120) -> None:
    watched = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign}/watch", shop.merchant),
        lambda found: found["claims"] == {"issued": count} and found["campaign"]["counts"]["issued"] == count,
        seconds,
    )
    assert watched["campaign"]["counts"]["alarms"] == 0
    assert (watched["waiting"], watched["remaining"]) == (0, 0)


@asynccontextmanager
async def dying_workers(place: Place, faults: Sequence[str | float], seconds: float = 240) -> AsyncIterator[None]:
    """Each worker dies by SIGKILL, at its fault point or so many seconds after its start; the last one lives until the
    block ends."""
    for fault in faults:
        victim = await place.worker(fault if isinstance(fault, str) else None)
        try:
            if not isinstance(fault, str):
                await asyncio.sleep(fault)
                continue
            assert await asyncio.wait_for(victim.wait(), seconds) == -signal.SIGKILL, fault
        finally:
            if victim.returncode is None:
                victim.kill()
                await victim.wait()
    last = await place.worker()
    try:
        yield
    finally:
        last.kill()
        await last.wait()


async def claims_and_kills(
    shop: Shop, place: Place, *, cap: int, claims: int, people: int, faults: Sequence[str | float]
) -> None:
    async with shop.app.working():
        campaign = await drafted(shop, cap)
        await launch(shop, campaign)
    code = await code_of(shop, campaign, uses=None, per_identity=None)
    taken, refused = await race(shop, code, fresh_accounts(shop, claims), people)
    assert len(taken) == cap
    assert refused == {"campaign_exhausted": claims - cap}
    async with dying_workers(place, faults):
        await all_issued(shop, campaign, cap, 240)
    lane = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["lanes"][0]
    assert lane["reserved"] == cap


@BOTH
async def test_eight_claims_of_three_vouchers_and_the_worker_killed_in_the_middle(shop, place):
    """Exactly three are taken, whoever is first; each is issued once though the worker dies between two steps."""
    await claims_and_kills(shop, place, cap=3, claims=8, people=2, faults=["issuance.step_requested"])


@pytest.mark.soak
@pytest.mark.timeout(900)
@BOTH
async def test_two_hundred_claims_of_fifty_vouchers_and_the_worker_killed_again_and_again(shop, place):
    # Then at moments that nobody chose: a worker needs a few seconds to start.
    chance = random.Random(7)
    faults: list[str | float] = ["issuance.step_requested", *(chance.uniform(2, 9) for _ in range(4))]
    await claims_and_kills(shop, place, cap=50, claims=200, people=10, faults=faults)


@pytest.mark.soak
@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_a_drop_is_committed_once_though_the_worker_dies(shop, place):
    async with shop.app.working():
        campaign = await drafted(shop, 9)
        await launch(shop, campaign)
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    await shop.ask("POST", f"/campaigns/{campaign}/drops", shop.merchant, {"chain": str(shop.chain)}, expect=201)
    await shop.ask("POST", f"{drop}/holders", shop.merchant, {"first": 0, "holders": fresh_accounts(shop, 5)})
    await shop.ask("POST", f"{drop}/commit", shop.merchant, expect=202)
    async with dying_workers(place, ["campaign.act_stored", "payment.signed", "payment.broadcast"]):
        done = await until(
            lambda: shop.ask("GET", drop, shop.merchant), lambda found: found["status"] in ("committed", "failed"), 120
        )
    assert done["status"] == "committed"
    watched = await shop.ask("GET", f"/campaigns/{campaign}/watch", shop.merchant)
    assert [act["status"] for act in watched["acts"] if act["kind"] == "drop"] == ["done"]
    assert watched["campaign"]["lanes"][0]["reserved"] == 5


@BOTH
async def test_every_way_to_a_voucher(shop):
    """One installation for all of them: starting it costs more than they do."""
    async with shop.app.working():
        await drop_from_its_list_to_the_holders_voucher(shop)
        if shop.chain.family == "eip155":
            await ticket_is_bound_to_its_holder_and_counts_once(shop)
        await campaign_is_paused_resumed_and_ended(shop)


async def drop_from_its_list_to_the_holders_voucher(shop):
    """The root is what anybody computes from the published list; a leaf is claimed once, for its holder alone."""
    campaign = await drafted(shop, 8)
    holder, account = await shop.holder("li")
    owner = PrivateKey()
    elsewhere = fresh_accounts(shop, 1)
    if shop.chain.family == "eip155":
        raw = address_of_public_key(owner.public_key.format(compressed=True))
        elsewhere = [str(AccountId.from_raw(shop.chain, raw))]
    accounts = [*fresh_accounts(shop, 4), account, *fresh_accounts(shop, 1), *elsewhere, account]
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    if shop.chain.family == "eip155":
        refused = await shop.ask(
            "POST", f"/campaigns/{campaign}/drops", shop.merchant, {"chain": str(shop.chain)}, expect=409
        )
        assert refused["status"] == 409
        await launch(shop, campaign)
    await shop.ask("POST", f"/campaigns/{campaign}/drops", shop.merchant, {"chain": str(shop.chain)}, expect=201)
    for first in (0, 5, 0):
        part = {"first": first, "holders": accounts[first : first + 5]}
        await shop.ask("POST", f"{drop}/holders", shop.merchant, part)
    other = {"first": 0, "holders": accounts[1:2]}
    assert (await shop.ask("POST", f"{drop}/holders", shop.merchant, other, expect=409))["expected"] == 8
    for _ in range(2):
        await shop.ask("POST", f"{drop}/commit", shop.merchant, expect=202)
    done = await until(
        lambda: shop.ask("GET", drop, shop.merchant), lambda found: found["status"] in ("committed", "failed")
    )
    assert done["status"] == "committed", done
    if shop.chain.family == "solana":
        await launch(shop, campaign)
    shown = await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant)
    assert shown["lanes"][0]["reserved"] == 8

    leaves = (await shop.http.get(f"/api/v1{drop}/leaves")).content
    named, number, size, holders = decode_drop(leaves)
    assert named == CampaignId.parse(campaign)
    assert build_upper(named, number, size, holders).root.hex() == done["root"]
    proof = (await shop.http.get(f"/api/v1{drop}/proof", params={"holder": account})).json()["items"]
    assert [leaf["index"] for leaf in proof] == [4, 7]
    leaf = drop_leaves(named, 0, size, 4, AccountId.parse(account).raw)[0]
    assert proves(bytes.fromhex(done["root"]), leaf, [bytes.fromhex(one) for one in proof[0]["proof"]])

    stranger = await shop.person("wang")
    body = {"campaign": campaign, "account": account}
    nobody = {"campaign": campaign, "account": fresh_accounts(shop, 1)[0]}
    await shop.ask("POST", "/claims/drops", stranger, nobody, expect=404)
    claims = await asyncio.gather(*(shop.ask("POST", "/claims/drops", holder, {**body, "index": 4}) for _ in range(4)))
    assert len({claim["id"] for claim in claims}) == 1
    await shop.ask("POST", "/claims/drops", stranger, body)  # the other leaf, for its holder all the same
    held = await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 2)
    assert {item["id"] for item in held["items"]} == {one["voucher"] for one in proof}
    told = await until(
        lambda: shop.ask("GET", f"/claims/mine/{claims[0]['id']}", holder),
        lambda claim: claim["status"] != "requested",
    )
    assert (told["status"], told["voucher"]) == ("issued", proof[0]["voucher"])

    await shop.give(account, "tCNY", 200_000_000)
    order = await charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    assert quote["used"][0]["voucher"] in {one["voucher"] for one in proof}
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    if shop.chain.family == "eip155":
        await leaf_is_redeemed_straight_from_the_drop(shop, campaign, drop, owner)


async def leaf_is_redeemed_straight_from_the_drop(shop: Shop, campaign: str, drop: str, owner: PrivateKey) -> None:
    """A holder whose key is elsewhere signs the order; the served proof makes and redeems the voucher in one call."""
    holder = AccountId.from_raw(shop.chain, address_of_public_key(owner.public_key.format(compressed=True)))
    (leaf,) = (await shop.http.get(f"/api/v1{drop}/proof", params={"holder": str(holder)})).json()["items"]
    book = shop.app.services.chains.book(shop.chain).address
    assert shop.treasury is not None
    order = structs.RedeemOrder(
        holder=holder.raw,
        merchant=shop.treasury.raw,
        order_hash=secrets.token_bytes(32),
        valid_before=2**40 - 1,
        remainder_asset=bytes(20),
        remainder_amount=0,
        items=(structs.RedeemItem(VoucherId.parse(leaf["voucher"]), 2_000, 0),),
    )
    signed = owner.sign_recoverable(digest(order, shop.chain.evm_number, book.raw), hasher=None)
    data = redeem_from_drop_call(order, contract_signature(signed), [[bytes.fromhex(one) for one in leaf["proof"]]])
    rpc = shop.app.services.chains.client(shop.chain)
    call = {"from": shop.treasury.address, "to": book.address, "data": "0x" + data.hex()}
    await rpc.call("anvil_impersonateAccount", shop.treasury.address)
    before = await shop.balance(shop.treasury)
    await rpc.call("eth_sendTransaction", call)
    await until(lambda: shop.balance(shop.treasury), lambda units: units == before + 20_000_000)
    await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign}", shop.merchant), lambda seen: seen["counts"]["redeemed"] == 2
    )
    with pytest.raises(NodeRefusal):
        await rpc.call("eth_call", call, "latest")


async def ticket_is_bound_to_its_holder_and_counts_once(shop):
    """Signed by the issuer's key; the relayer sends it, or anybody else; the same voucher is never made twice."""
    campaign = await drafted(shop, 3, claim={"ways": ["ticket"]})
    await launch(shop, campaign)
    holder, account = await shop.holder("li")
    code = await code_of(shop, campaign, uses=2, per_identity=2)
    body = {"code": code, "account": account}
    key = {"Idempotency-Key": "t"}
    answers = [await shop.http.post("/api/v1/claims/tickets", headers={**holder, **key}, json=body) for _ in (1, 2)]
    first, again = (answer.json() for answer in answers)
    assert first["ticket"] == again["ticket"]
    rpc = shop.app.services.chains.adapter(shop.chain)._rpc
    call = {"from": account.rpartition(":")[2], "to": first["ticket"]["to"], "data": first["ticket"]["data"]}
    assert await rpc.call("eth_call", call, "latest") == "0x"
    thief = fresh_accounts(shop, 1)[0].rpartition(":")[2][2:].lower()
    forged = call["data"].replace(account.rpartition(":")[2][2:].lower(), thief)
    assert forged != call["data"]
    with pytest.raises(NodeRefusal):
        await rpc.call("eth_call", {**call, "data": forged}, "latest")
    relayed = await shop.ask("POST", "/claims/tickets", holder, {**body, "relayed": True}, expect=202)
    done = await until(
        lambda: shop.ask("GET", f"/claims/mine/{relayed['id']}", holder),
        lambda claim: claim["status"] != "requested",
    )
    assert done["status"] == "issued", done
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    with pytest.raises(NodeRefusal):
        await rpc.call("eth_call", {**call, "data": done["ticket"]["data"]}, "latest")
    assert (await shop.ask("POST", "/claims/tickets", holder, body, expect=404))["code"] == "claim_code_invalid"


async def campaign_is_paused_resumed_and_ended(shop):
    """The power to pause stands on chain and is told to anybody; what waited goes on after the pause."""
    powers = {"declared": ["pause"], "max_pause_seconds": 3600}
    campaign = await drafted(shop, 2, powers=powers)
    await launch(shop, campaign)
    told = (await shop.http.get(f"/api/v1/campaigns/{campaign}/powers")).json()["items"]
    assert "pause" in {one["code"] for one in told}
    code = await code_of(shop, campaign, uses=None)
    holder, account = await shop.holder("li")

    async def acts(kind: str) -> Any:
        watched = await shop.ask("GET", f"/campaigns/{campaign}/watch", shop.merchant)
        return [act["status"] for act in watched["acts"] if act["kind"] == kind]

    await shop.ask("POST", f"/campaigns/{campaign}/pause", shop.merchant, expect=202)
    refused = await shop.ask("POST", "/claims", holder, {"code": code, "account": account}, expect=409)
    assert refused["code"] == "campaign_not_active"
    assert await until(lambda: acts("pause"), lambda found: found[0] in ("done", "failed")) == ["done"]
    assert not (await shop.http.get(f"/api/v1/claims/{code}")).json()["open"]
    await shop.ask("POST", f"/campaigns/{campaign}/resume", shop.merchant, expect=202)
    assert await until(lambda: acts("resume"), lambda found: found[0] in ("done", "failed")) == ["done"]
    shown = (await shop.http.get(f"/api/v1/claims/{code}")).json()
    assert (shown["open"], shown["remaining"]) == (True, 2)
    await shop.ask("POST", "/claims", holder, {"code": code, "account": account}, expect=202)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    refused = await shop.ask(
        "POST", f"/campaigns/{campaign}/reclaim", shop.merchant, {"chain": str(shop.chain)}, expect=409
    )
    assert refused["code"] == "campaign_not_active"
    ended = await shop.ask("POST", f"/campaigns/{campaign}/end", shop.merchant)
    assert ended["status"] == "ended"
    await shop.ask("POST", "/claims", holder, {"code": code, "account": account}, expect=409)
