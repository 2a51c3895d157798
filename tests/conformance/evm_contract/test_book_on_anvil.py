"""The EVM voucher book's port against the shipped contract on a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from chains import events as facts
from chains.evm.errors import revert_data
from chains.evm.reverts import reverted
from chains.intent import ContractCall, Intent
from chains.rpc.errors import NodeRefusal
from codec.evm.book.calls import safe_transfer_from_call
from codec.evm.campaign_id import derive_campaign_id
from codec.evm.redemption_id import redemption_id
from primitives.errors import ChainMismatch, LedgerDiverged
from primitives.voucher_id import CampaignId
from tests.conformance.evm_contract.anvil_stage import (
    CHAIN,
    FRIEND,
    FUNDER,
    FUNDS,
    HOLDER,
    ISSUER,
    MERCHANT,
    RELAYER,
    Stage,
    sign,
    stage,
)


@pytest_asyncio.fixture
async def place() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def reason(place: Stage, intent: Intent) -> str:
    """Why the chain refuses the intent."""
    with pytest.raises(NodeRefusal) as refused:
        await place.send(intent)
    data = revert_data(refused.value)
    assert data is not None
    return str(reverted(data).reason)


async def test_whole_life_of_a_voucher(place: Stage) -> None:
    """Launched, issued, redeemed with payout and remainder under the holder's signature, and refused again."""
    await place.book.check()
    terms = await place.terms()
    start = await place.height()
    await place.send_all(await place.book.launch(terms))
    assert (await place.book.escrow(terms)).base_units == terms.full_funding
    await place.send_all(await place.book.appoint_relayer(MERCHANT, RELAYER))
    await place.send_all(await place.book.issue(terms, [HOLDER], 1))

    redemption = place.redemption(terms)
    voucher = redemption.items[0].voucher
    requests = await place.book.consents([terms], redemption)
    assert [request.name for request in requests] == ["redeem_order", "permit"]
    consents = sign(requests)
    intent = await place.book.redeem([terms], redemption, consents)
    assert intent.sender == RELAYER
    receipt = await place.send(intent)

    assert await place.balance(MERCHANT) == 100_000_000
    assert await place.balance(HOLDER) == FUNDS - 80_000_000
    assert (await place.book.escrow(terms)).base_units == terms.full_funding - 20_000_000
    state = await place.book.voucher(voucher)
    assert state is not None
    assert state.holder == HOLDER
    assert state.redeemed_at is not None

    assert await reason(place, intent) == f"VoucherAlreadyRedeemed({voucher.token_id})"

    page = await place.book.events([terms], start, await place.height())
    assert [event.fact for event in page.events] == [
        facts.CampaignLaunched(terms.id, terms.rules_hash, ISSUER),
        facts.CampaignFunded(terms.id, FUNDER, terms.full_funding),
        facts.VoucherIssued(voucher, HOLDER),
        facts.VoucherRedeemed(
            voucher=voucher,
            redemption_id=redemption_id(voucher, HOLDER, MERCHANT, redemption.order_hash, 2_000, 0),
            order_hash=redemption.order_hash,
            holder=HOLDER,
            merchant=MERCHANT,
            amount_minor=2_000,
            payout=20_000_000,
            settlement=place.money.id,
        ),
        facts.OrderPaid(redemption.order_hash, HOLDER, MERCHANT, place.money.id, 80_000_000),
    ]
    last = page.events[-1]
    block = await place.node.rpc.call("eth_getBlockByNumber", receipt["blockNumber"], False)
    assert last.tx_hash == receipt["transactionHash"]
    assert last.position.height == int(receipt["blockNumber"], 16)
    assert last.position.block_hash.hex() == receipt["blockHash"][2:]
    assert last.block_time == int(block["timestamp"], 16)


async def test_launch_continues_where_it_stopped(place: Stage) -> None:
    """Asked again after each step, it leaves out what the chain has."""
    terms = await place.terms()
    sizes = []
    while steps := await place.book.launch(terms):
        sizes.append(len(steps))
        await place.send(steps[0])
    assert sizes == [3, 2, 1]
    assert (await place.book.escrow(terms)).base_units == terms.full_funding


async def test_two_launches_of_one_funder_do_not_disturb_each_other(place: Stage) -> None:
    """Their steps may interleave in any order."""
    first = await place.terms()
    salt = b"\1" * 32
    second = await place.terms(
        salt=salt, id=derive_campaign_id(first.rules_hash, ISSUER.raw, bytes(32), salt), max_payout=30_000_000
    )
    for pair in zip(await place.book.launch(first), await place.book.launch(second), strict=True):
        await place.send_all(pair)
    for terms in (first, second):
        assert (await place.book.escrow(terms)).base_units == terms.full_funding


async def test_launch_refuses_a_campaign_with_other_terms(place: Stage) -> None:
    terms = await place.terms()
    await place.send_all(await place.book.launch(terms))
    with pytest.raises(LedgerDiverged, match="another cap"):
        await place.book.launch(replace(terms, cap=4))


async def test_events_show_other_terms_as_divergence(place: Stage) -> None:
    terms = await place.terms()
    start = await place.height()
    await place.send(next(iter(await place.book.launch(terms))))
    page = await place.book.events([replace(terms, max_payout=1)], start, await place.height())
    assert [type(event.fact) for event in page.events] == [facts.Divergence]


async def test_events_leave_other_campaigns_out(place: Stage) -> None:
    terms = await place.terms()
    start = await place.height()
    await place.send_all(await place.book.launch(terms))
    stranger = replace(terms, id=CampaignId(bytes(24)), merchants=(FRIEND,))
    assert (await place.book.events([stranger], start, await place.height())).events == ()


async def test_issue_twice_is_refused_by_the_contract(place: Stage) -> None:
    """The same intent sent twice issues once: the first number is named."""
    terms = await place.terms()
    await place.send_all(await place.book.launch(terms))
    (intent,) = await place.book.issue(terms, [HOLDER], 1)
    await place.send(intent)
    assert await reason(place, intent) == "NotNextNumber(1, 2)"


async def test_a_transfer_kills_old_consents_and_shows_as_a_move(place: Stage) -> None:
    terms = await place.terms()
    await place.send_all(await place.book.launch(terms))
    await place.send_all(await place.book.appoint_relayer(MERCHANT, RELAYER))
    await place.send_all(await place.book.issue(terms, [HOLDER], 1))
    redemption = place.redemption(terms)
    voucher = redemption.items[0].voucher
    consents = sign(await place.book.consents([terms], redemption))
    await place.node.fund(HOLDER.address, 10**18)
    await place.node.rpc.call("anvil_impersonateAccount", HOLDER.address)
    start = await place.height() + 1
    away = safe_transfer_from_call(HOLDER.raw, FRIEND.raw, voucher, 1, b"")
    back = safe_transfer_from_call(FRIEND.raw, HOLDER.raw, voucher, 1, b"")
    await place.send(Intent(HOLDER, ContractCall(place.book.address, away)))
    await place.send(Intent(FRIEND, ContractCall(place.book.address, back)))
    intent = await place.book.redeem([terms], redemption, consents)
    assert await reason(place, intent) == f"VoucherMoved({voucher.token_id}, 0, 2)"
    page = await place.book.events([terms], start, await place.height())
    assert [event.fact for event in page.events] == [
        facts.VoucherMoved(voucher, HOLDER, FRIEND),
        facts.VoucherMoved(voucher, FRIEND, HOLDER),
    ]
    state = await place.book.voucher(voucher)
    assert state is not None
    assert (state.holder, state.moves, state.redeemed_at) == (HOLDER, 2, None)


async def test_no_permit_is_asked_where_the_allowance_covers(place: Stage) -> None:
    terms = await place.terms()
    await place.send_all(await place.book.launch(terms))
    redemption = place.redemption(terms, remainder=replace(place.redemption(terms).remainder, base_units=0))
    assert [request.name for request in await place.book.consents([terms], redemption)] == ["redeem_order"]


async def test_submitter_is_authorised_once(place: Stage) -> None:
    (intent,) = await place.book.appoint_relayer(MERCHANT, RELAYER)
    await place.send(intent)
    assert await place.book.appoint_relayer(MERCHANT, RELAYER) == ()
    assert await place.book.appoint_relayer(MERCHANT, MERCHANT) == ()


async def test_absent_things_answer_as_absent(place: Stage) -> None:
    terms = await place.terms()
    assert await place.book.voucher(place.redemption(terms).items[0].voucher) is None
    assert (await place.book.escrow(terms)).base_units == 0


async def test_a_wrong_address_is_noticed(place: Stage) -> None:
    elsewhere = type(place.book)(CHAIN, place.node.rpc, bytes(19) + b"\x77")
    with pytest.raises(ChainMismatch, match="no voucher book"):
        await elsewhere.check()
