"""Bundles of every way to redeem that the book has, on one Anvil."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.verifier import Rejected, Report, verify
from codec.canonical_json import decode_canonical
from codec.evm.book.calls import (
    commit_drop_call,
    issue_packed_call,
    pay_and_redeem_authorized_call,
    redeem_batch_call,
    redeem_best_effort_call,
    redeem_from_drop_call,
    redeem_signed_call,
)
from codec.evm.book.structs import RemainderAuthorization, SignedOrder
from codec.evm.book.types import VoucherKind
from codec.evm.redeem_order import RedeemItem, RedeemOrder, digest
from primitives.hashing import keccak256
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.anvil import running_anvil
from tests.fakes.authorized_token import authorized_token
from tests.integration.audit.evm_stage import BOOK, CHAIN, EvmStage, Party
from tests.integration.audit.mutations import accepted_mutations, rewritten

ATTESTER = FileAttester(keccak256(b"attester"))
pytestmark = [pytest.mark.xdist_group("audit_evm_ways"), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[EvmStage]:
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil)
        await stage.open()
        yield stage


async def bundle(stage: EvmStage, receipt: dict[str, Any], item: int = 0) -> bytes:
    await stage.anvil.mine(2)
    return await EvmBundleBuilder(CHAIN, stage.anvil.rpc, [BOOK], ATTESTER).build(stage.subject(receipt, item=item))


async def act(stage: EvmStage, data: bytes, *, by: Party | None = None) -> dict[str, Any]:
    return (await stage.done(await stage.send(by or stage.relayer, BOOK, data)))[0]


def signed(stage: EvmStage, order: RedeemOrder) -> bytes:
    return stage.holder.sign(digest(order, 31337, BOOK))


def names(report: Report) -> set[str]:
    return {fact.name for fact in report.facts}


async def orders(stage: EvmStage, count: int, mark: bytes) -> Sequence[SignedOrder]:
    made = []
    for place in range(count):
        order = stage.order(await stage.issue(), order_hash=keccak256(mark + bytes([place])), remainder=place * 10**6)
        made.append(SignedOrder(order, signed(stage, order)))
    return made


class TestBatches:
    async def test_each_order_of_a_batch_has_its_bundle(self, stage: EvmStage) -> None:
        """All or nothing: the payouts of the whole call are one transfer."""
        made = await orders(stage, 3, b"batch")
        receipt = await act(stage, redeem_batch_call(made))
        for place, one in enumerate(made):
            data = await bundle(stage, receipt, place)
            report = verify(data)
            assert report.claim["order_hash"] == one.order.order_hash.hex()
            assert report.claim["payout"]["base_units"] == "20000000"
            assert (report.claim["remainder"] is None) == (place == 0)
            assert {"voucher_state", "holder_consent", "payout"} <= names(report)
        assert accepted_mutations(data, 60, recompute_digest=True, seed=21) == []
        evidence = decode_canonical(data)["evidence"]
        with pytest.raises(Rejected):
            verify(rewritten(data, evidence={**evidence, "log_index": evidence["log_index"] - 1}))

    async def test_a_best_effort_batch_credits_and_leaves_out(self, stage: EvmStage) -> None:
        """A payout that is only credited is claimed as a credit; an order that was skipped has no redemption."""
        good, other = await orders(stage, 2, b"effort")
        bad = SignedOrder(replace(other.order, valid_before=1), other.holder_signature)
        receipt = await act(stage, redeem_best_effort_call([bad, good]))
        data = await bundle(stage, receipt)
        report = verify(data)
        assert (report.claim["payout"], report.claim["credit"]) == (None, "20000000")
        assert "credit" in names(report)
        with pytest.raises(Rejected):
            claim = {**report.claim, "credit": None}
            verify(rewritten(data, claim=claim))


class TestCommitments:
    async def test_a_leaf_is_redeemed_from_its_drop(self, stage: EvmStage) -> None:
        """Its use is one bit in the book's storage, and no owner stands there."""
        campaign = stage.campaign_id
        voucher = VoucherId(campaign, Serial(0, SerialClass.DROP, 1 << 32))
        words = [
            campaign.raw.ljust(32, b"\0"),
            (1).to_bytes(32, "big"),
            bytes(32),
            stage.holder.address.rjust(32, b"\0"),
        ]
        root = keccak256(keccak256(b"".join(words)))
        await act(stage, commit_drop_call(campaign, 1, root, 1), by=stage.issuer)
        order = stage.order(voucher, order_hash=keccak256(b"drop"))
        receipt = await act(stage, redeem_from_drop_call(order, signed(stage, order), [[]]))
        report = verify(await bundle(stage, receipt))
        assert report.claim["voucher"] == str(voucher)
        assert report.claim["state"]["used_up"] is True

    async def test_a_packed_voucher(self, stage: EvmStage) -> None:
        await act(stage, issue_packed_call(stage.campaign_id, 0, stage.holder.address * 2), by=stage.issuer)
        voucher = VoucherId(stage.campaign_id, Serial(0, SerialClass.PACKED, 1))
        order = stage.order(voucher, order_hash=keccak256(b"packed"))
        receipt = await act(stage, redeem_signed_call(order, signed(stage, order)))
        assert verify(await bundle(stage, receipt)).claim["voucher"] == str(voucher)


class TestAuthorisedRemainder:
    async def test_goes_through_the_book(self, stage: EvmStage) -> None:
        """ERC-3009: holder to book, book to merchant; the payout's transfers are told apart from it."""
        token = keccak256(b"authorized token")[12:]
        await stage.call("anvil_setCode", "0x" + token.hex(), "0x" + authorized_token().hex())
        key = "0x" + stage.holder.address.rjust(32, b"\0").hex()
        await stage.call("anvil_setStorageAt", "0x" + token.hex(), key, "0x" + (10**9).to_bytes(32, "big").hex())
        order = replace(stage.order(await stage.issue(), order_hash=keccak256(b"3009")), remainder_asset=token)
        allowed = RemainderAuthorization(0, 2**40, 27, bytes(32), bytes(32))
        receipt = await act(stage, pay_and_redeem_authorized_call(order, signed(stage, order), allowed))
        data = await bundle(stage, receipt)
        claim = verify(data).claim
        assert claim["remainder"]["asset"].lower().endswith(token.hex())
        assert claim["payout"]["base_units"] == "20000000"
        assert accepted_mutations(data, 60, recompute_digest=True, seed=22) == []


async def test_stored_value_is_spent_in_parts() -> None:
    """Each part has its bundle; what was left at the head is proven from storage, and later parts do not change it."""
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil, kind=VoucherKind.STORED_VALUE)
        await stage.open()
        voucher = await stage.issue()
        for sequence, (spent, left) in enumerate([(500, 1500), (1500, 0)]):
            order = replace(
                stage.order(voucher, order_hash=keccak256(bytes([sequence])), remainder=0),
                items=(RedeemItem(voucher, spent, sequence),),
            )
            receipt = await act(stage, redeem_signed_call(order, signed(stage, order)))
            state = verify(await bundle(stage, receipt)).claim["state"]
            assert (state["remaining"], state["used_up"]) == (str(left), left == 0)
