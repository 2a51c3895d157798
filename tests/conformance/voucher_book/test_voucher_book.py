"""One suite for every voucher book: the same campaign, the same money, the same facts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
import pytest_asyncio

from chains.events import CampaignFunded, CampaignLaunched, OrderPaid, VoucherIssued, VoucherRedeemed
from chains.intent import Intent
from codec.evm.redemption_id import redemption_id
from primitives.asset import Amount
from primitives.errors import ChainError
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.conformance.evm_contract.anvil_stage import Refused
from tests.conformance.voucher_book.evm_stage import evm_book_stage
from tests.conformance.voucher_book.solana_stage import solana_book_stage
from tests.conformance.voucher_book.stage import BookStage, carry_out, whole_history

YUAN = 1_000_000
FIRST, SECOND = b"\x0b" * 32, b"\x0c" * 32

STAGES: dict[str, Callable[[], AbstractAsyncContextManager[BookStage]]] = {
    "evm": evm_book_stage,
    "solana": solana_book_stage,
}


@pytest_asyncio.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[BookStage]:
    async with STAGES[request.param]() as made:
        yield made


async def launched(stage: BookStage) -> None:
    await carry_out(stage, *await stage.book.launch(stage.terms))
    await carry_out(stage, *await stage.book.appoint_relayer(stage.merchant, stage.relayer))


async def issued(stage: BookStage) -> None:
    """Number 1 to the friend, number 2 to the holder."""
    await launched(stage)
    await carry_out(stage, *await stage.book.issue(stage.terms, [stage.friend, stage.holder], 1))


def voucher(stage: BookStage, number: int) -> VoucherId:
    return VoucherId(stage.terms.id, Serial(stage.terms.lane, SerialClass.SINGLE, number))


class TestLaunch:
    async def test_campaign_is_funded_once(self, stage: BookStage) -> None:
        """Asking again after each step gives what is left, and nothing at the end."""
        before = await stage.money(stage.terms.funder)
        steps = list(await stage.book.launch(stage.terms))
        while steps:
            await stage.send(steps[0])
            remaining = list(await stage.book.launch(stage.terms))
            assert len(remaining) == len(steps) - 1
            steps = remaining
        assert await stage.book.escrow(stage.terms) == Amount(100 * YUAN, stage.terms.settlement)
        assert await stage.money(stage.terms.funder) == before - 100 * YUAN
        assert [event.fact for event in await whole_history(stage)] == [
            CampaignLaunched(stage.terms.id, stage.terms.rules_hash, stage.terms.issuer),
            CampaignFunded(stage.terms.id, stage.terms.funder, 100 * YUAN),
        ]

    async def test_relayer_is_appointed_once(self, stage: BookStage) -> None:
        await launched(stage)
        assert not await stage.book.appoint_relayer(stage.merchant, stage.relayer)

    async def test_steps_survive_storage(self, stage: BookStage) -> None:
        for intent in await stage.book.launch(stage.terms):
            assert Intent.from_json(intent.to_json()) == intent


class TestIssue:
    async def test_each_voucher_has_its_holder(self, stage: BookStage) -> None:
        await issued(stage)
        found = [event.fact for event in await whole_history(stage) if isinstance(event.fact, VoucherIssued)]
        assert found == [
            VoucherIssued(voucher(stage, 1), stage.friend),
            VoucherIssued(voucher(stage, 2), stage.holder),
        ]


class TestRedeem:
    async def test_money_and_facts_are_exact(self, stage: BookStage) -> None:
        """100.00 less 20.00: the holder pays 80.00, the merchant has 100.00 more."""
        await issued(stage)
        merchant, holder = await stage.money(stage.merchant), await stage.money(stage.holder)
        since = await stage.height() + 1
        await stage.redeem(stage.redemption(2, order_hash=FIRST, remainder=80 * YUAN))
        assert await stage.money(stage.merchant) == merchant + 100 * YUAN
        assert await stage.money(stage.holder) == holder - 80 * YUAN
        assert (await stage.book.escrow(stage.terms)).base_units == 80 * YUAN
        page = await stage.book.events([stage.terms], since, await stage.height())
        settlement = stage.terms.settlement.id
        identity = redemption_id(voucher(stage, 2), stage.holder, stage.merchant, FIRST, 2_000, 0)
        expected = {
            VoucherRedeemed(
                voucher(stage, 2), identity, FIRST, stage.holder, stage.merchant, 2_000, 20 * YUAN, settlement
            ),
            OrderPaid(FIRST, stage.holder, stage.merchant, settlement, 80 * YUAN),
        }
        assert {event.fact for event in page.events} == expected
        assert len(page.events) == len(expected)

    async def test_same_voucher_again_is_refused_by_the_chain(self, stage: BookStage) -> None:
        await issued(stage)
        await stage.redeem(stage.redemption(2, order_hash=FIRST, remainder=80 * YUAN))
        money = [await stage.money(account) for account in (stage.merchant, stage.holder)]
        with pytest.raises((ChainError, Refused)):
            await stage.redeem(stage.redemption(2, order_hash=SECOND, remainder=80 * YUAN))
        assert [await stage.money(account) for account in (stage.merchant, stage.holder)] == money
        assert (await stage.book.escrow(stage.terms)).base_units == 80 * YUAN

    async def test_order_without_voucher_left_pays_nothing(self, stage: BookStage) -> None:
        """A holder who was never issued one is refused, and no remainder moves."""
        await launched(stage)
        await carry_out(stage, *await stage.book.issue(stage.terms, [stage.friend], 1))
        holder = await stage.money(stage.holder)
        with pytest.raises((ChainError, Refused)):
            await stage.redeem(stage.redemption(1, order_hash=FIRST, remainder=80 * YUAN))
        assert await stage.money(stage.holder) == holder

    async def test_holder_pays_exactly_the_remainder_or_nothing_happens(self, stage: BookStage) -> None:
        """More than the holder has: the voucher stays, the escrow stays."""
        await issued(stage)
        held = await stage.money(stage.holder)
        with pytest.raises((ChainError, Refused)):
            await stage.redeem(stage.redemption(2, order_hash=FIRST, remainder=held + 1))
        assert (await stage.book.escrow(stage.terms)).base_units == 100 * YUAN
        await stage.redeem(stage.redemption(2, order_hash=SECOND, remainder=held))
        assert await stage.money(stage.holder) == 0

    async def test_other_payout_than_the_terms_give_cannot_be_had(self, stage: BookStage) -> None:
        """A discount of 35.00 is the merchant's affair beyond the 20.00 that the sponsor pays at most."""
        await issued(stage)
        merchant = await stage.money(stage.merchant)
        order = stage.redemption(2, order_hash=FIRST, remainder=65 * YUAN)
        await stage.redeem(replace(order, items=(replace(order.items[0], amount_minor=3_500),)))
        assert await stage.money(stage.merchant) == merchant + (65 + 20) * YUAN


class TestEvents:
    async def test_scan_in_pieces_equals_scan_at_once(self, stage: BookStage) -> None:
        await issued(stage)
        await stage.redeem(stage.redemption(2, order_hash=FIRST, remainder=80 * YUAN))
        whole = await whole_history(stage)
        pieces = []
        for height in range(await stage.height() + 1):
            pieces += (await stage.book.events([stage.terms], height, height)).events
        assert tuple(pieces) == whole
        assert [event.position for event in whole] == sorted({event.position for event in whole})
