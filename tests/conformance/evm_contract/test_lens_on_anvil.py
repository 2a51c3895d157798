"""The lens on a real node: nobody deploys it, and it tells what the book's own views tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.campaign import CampaignPower
from chains.evm.book_lens import CAMPAIGNS_AT_ONCE, MERCHANTS_AT_ONCE, VOUCHERS_AT_ONCE, BookLens
from chains.evm.voucher_book import EvmVoucherBook
from codec.evm.book.lens_structs import MerchantKey, MerchantSeen
from codec.evm.campaign_id import derive_campaign_id
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.conformance.evm_contract.anvil_stage import CHAIN, FRIEND, HOLDER, ISSUER, MERCHANT, Stage, sign, stage


class WithoutLens(BookLens):
    """As where the node will not run it."""

    async def _together(self, *_: object) -> tuple[()]:
        return ()


async def a_life(place: Stage) -> tuple[list[CampaignId], list[VoucherId]]:
    """Two campaigns, one that is not there, one voucher redeemed, one live, one that never was."""
    terms = await place.terms(powers=frozenset({CampaignPower.VOID}))
    other = replace(
        terms,
        salt=keccak256(b"other"),
        id=derive_campaign_id(terms.rules_hash, ISSUER.raw, bytes(32), keccak256(b"other")),
    )
    for one in (terms, other):
        await place.send_all(await place.book.launch(one))
    await place.send_all(await place.book.issue(terms, [HOLDER, FRIEND], 1))
    redemption = place.redemption(terms, submitter=MERCHANT, remainder=Amount(0, place.money))
    consents = sign(await place.book.consents([terms], redemption))
    await place.send(await place.book.redeem([terms], redemption, consents))
    vouchers = [VoucherId(terms.id, Serial(0, SerialClass.SINGLE, number)) for number in (1, 2, 3)]
    return [terms.id, other.id, CampaignId(bytes(24))], vouchers


async def test_bulk_answers_are_the_single_ones() -> None:
    async with stage() as place:
        campaigns, vouchers = await a_life(place)
        asked: list[object] = []
        settle = place.node.rpc.settle

        async def counting(calls: object) -> object:
            asked.append(calls)
            return await settle(calls)  # type: ignore[arg-type]

        place.node.rpc.settle = counting  # type: ignore[method-assign, assignment]
        states = await place.book.campaigns(campaigns)
        found = await place.book.vouchers(vouchers)
        assert len(asked) == 2, "one request each: the node ran the lens"

        assert [state and (state.issued_ever, state.redeemed, state.escrow) for state in states] == [
            (2, 1, 80_000_000),
            (0, 0, 100_000_000),
            None,
        ]
        assert states[0] is not None
        assert states[0].powers == {CampaignPower.VOID}
        assert [state and state.holder for state in found] == [HOLDER, FRIEND, None]
        assert [state is not None and state.redeemed_at is not None for state in found] == [True, False, False]
        assert [await place.book.voucher(one) for one in vouchers] == list(found)

        lens, apart = (kind(place.node.rpc, place.book.address) for kind in (BookLens, WithoutLens))
        keys = [MerchantKey(one, account.raw) for one in campaigns for account in (MERCHANT, FRIEND)]
        merchants = await lens.merchants(keys)
        assert merchants == await apart.merchants(keys)
        assert [one.accepted for one in merchants] == [True, False, True, False, False, False]
        assert merchants[0] == MerchantSeen(True, 0, 0), "what was paid at once is no credit"
        assert await lens.campaigns(campaigns) == await apart.campaigns(campaigns)
        assert await lens.vouchers(vouchers) == await apart.vouchers(vouchers)


async def test_the_largest_requests_fit() -> None:
    """A node bounds creation code, its answer and its gas: the parts that we ask for stay within all of them."""
    async with stage() as place:
        campaigns, vouchers = await a_life(place)
        lens = BookLens(place.node.rpc, place.book.address)
        asked = 0
        settle = place.node.rpc.settle

        async def counting(calls: object) -> object:
            nonlocal asked
            asked += len(calls)  # type: ignore[arg-type]
            return await settle(calls)  # type: ignore[arg-type]

        place.node.rpc.settle = counting  # type: ignore[method-assign, assignment]
        key = MerchantKey(campaigns[0], MERCHANT.raw)
        assert len(await lens.campaigns(campaigns[:1] * CAMPAIGNS_AT_ONCE)) == CAMPAIGNS_AT_ONCE
        assert len(await lens.vouchers(vouchers[:1] * VOUCHERS_AT_ONCE)) == VOUCHERS_AT_ONCE
        assert len(await lens.merchants([key] * MERCHANTS_AT_ONCE)) == MERCHANTS_AT_ONCE
        assert asked == 3


async def test_where_there_is_no_book_nothing_is_absent() -> None:
    async with stage() as place:
        nobody = EvmVoucherBook(CHAIN, place.node.rpc, AccountId.from_raw(CHAIN, b"\x99" * 20).raw)
        terms = await place.terms()
        with pytest.raises(InvalidValue, match="no such contract"):
            await nobody.campaigns([terms.id, terms.id])
