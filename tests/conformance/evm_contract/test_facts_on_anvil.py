"""Every way in which a voucher comes to be shows as issued, and pauses show: read from a real node's logs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains import events as facts
from chains.campaign import CampaignPower
from chains.intent import ContractCall, Intent
from codec.evm.abi import encode
from codec.evm.book.calls import (
    claim_from_drop_call,
    commit_drop_call,
    issue_packed_call,
    pause_call,
    unpause_call,
)
from primitives.errors import InvalidTerms
from primitives.hashing import keccak256
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.conformance.evm_contract.anvil_stage import FRIEND, HOLDER, ISSUER, Stage, stage


async def send(place: Stage, data: bytes) -> None:
    await place.send(Intent(ISSUER, ContractCall(place.book.address, data)))


async def test_packed_vouchers_and_claimed_leaves_are_issued() -> None:
    """For both ERC-1155's own event is the only log; a committed drop issues nothing before its leaf is claimed."""
    async with stage() as place:
        terms = await place.terms()
        await place.send_all(await place.book.launch(terms))
        start = await place.height() + 1
        await send(place, issue_packed_call(terms.id, 7, HOLDER.raw + FRIEND.raw))
        inner = keccak256(
            encode(["bytes24", "uint16", "uint32", "address"], [terms.id.raw, 3, 0, "0x" + HOLDER.raw.hex()])
        )
        await send(place, commit_drop_call(terms.id, 3, keccak256(inner), 1))
        leaf = VoucherId(terms.id, Serial(terms.lane, SerialClass.DROP, 3 << 32))
        promised = await place.book.events([terms], start, await place.height())
        await send(place, claim_from_drop_call(leaf, HOLDER.raw, []))
        claimed = await place.book.events([terms], start, await place.height())

        first, second = (VoucherId(terms.id, Serial(terms.lane, SerialClass.PACKED, 7 << 16 | n)) for n in (0, 1))
        packed = [facts.VoucherIssued(first, HOLDER), facts.VoucherIssued(second, FRIEND)]
        assert [event.fact for event in promised.events] == packed
        assert [event.fact for event in claimed.events] == [*packed, facts.VoucherIssued(leaf, HOLDER)]
        for voucher in (first, leaf):
            state = await place.book.voucher(voucher)
            assert state is not None
            assert (state.holder, state.redeemed_at) == (HOLDER, None)


async def test_declared_powers_reach_the_chain_and_pauses_are_read() -> None:
    """What the terms declare is what `powersOf` answers; a pause needs its total."""
    async with stage() as place:
        declared = frozenset({CampaignPower.VOID, CampaignPower.PAUSE})
        with pytest.raises(InvalidTerms, match="needs a limit"):
            await place.book.launch(await place.terms(powers=declared))
        terms = await place.terms(powers=declared, max_pause_seconds=3_600)
        await place.send_all(await place.book.launch(terms))
        told = await place.book.campaign(terms)
        assert told is not None
        assert told.powers == terms.powers
        assert (told.paused, told.window_end, told.issued_ever) == (False, terms.valid_until, 0)
        start = await place.height() + 1
        await send(place, pause_call(terms.id))
        paused = await place.book.campaign(terms)
        assert paused is not None
        assert paused.paused
        await send(place, unpause_call(terms.id))
        page = await place.book.events([terms], start, await place.height())
        assert [event.fact for event in page.events] == [
            facts.CampaignPaused(terms.id),
            facts.CampaignResumed(terms.id),
        ]
        assert await place.book.campaign(replace(terms, id=type(terms.id)(bytes(24)))) is None
