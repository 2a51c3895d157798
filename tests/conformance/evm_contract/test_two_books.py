"""A new book beside an old one: each campaign stays where it was created, and facts of both are read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chains import events as facts
from chains.evm.voucher_book import EvmVoucherBook
from chains.evm.voucher_books import EvmVoucherBooks
from chains.intent import ContractCall, Intent
from chains.ports import VoucherBook
from codec.evm import create2
from codec.evm.campaign_id import derive_campaign_id
from primitives.account_id import AccountId
from primitives.errors import ChainMismatch, FeatureUnavailable
from primitives.hashing import keccak256
from tests.conformance.evm_contract.anvil_stage import (
    CHAIN,
    HOLDER,
    ISSUER,
    MERCHANT,
    MINTER,
    RELAYER,
    Stage,
    sign,
    stage,
)


async def newer_book(place: Stage) -> EvmVoucherBook:
    """The next version: the same code at another address."""
    salt = keccak256(b"quanbao.voucher-book.v2")
    data = create2.deployment_calldata(create2.book_init_code(), salt)
    await place.send(Intent(MINTER, ContractCall(AccountId.from_raw(CHAIN, create2.DEPLOYER), data)))
    return EvmVoucherBook(CHAIN, place.node.rpc, create2.create2_address(create2.book_init_code(), salt))


def targets(intents: Sequence[Intent]) -> set[AccountId]:
    return {intent.action.to for intent in intents if isinstance(intent.action, ContractCall)}


async def test_each_campaign_stays_in_its_book() -> None:
    """Launched before the new version came, redeemed after; the new campaign goes to the new book."""
    async with stage() as place:
        old = place.book
        start = await place.height()
        first = await place.terms()
        await place.send_all(await old.launch(first))
        await place.send_all(await old.appoint_relayer(MERCHANT, RELAYER))
        await place.send_all(await old.issue(first, [HOLDER], 1))

        new = await newer_book(place)
        books = EvmVoucherBooks([new, old])
        as_port: VoucherBook = books
        await books.check()
        assert books.addresses == (new.address, old.address)
        await place.send_all(await as_port.appoint_relayer(MERCHANT, RELAYER))
        assert not await as_port.appoint_relayer(MERCHANT, RELAYER)

        salt = b"\2" * 32
        second = await place.terms(salt=salt, id=derive_campaign_id(first.rules_hash, ISSUER.raw, bytes(32), salt))
        assert not await as_port.launch(first), "nothing is missing: it lives in the old book"
        launch = await as_port.launch(second)
        assert new.address in targets(launch)
        assert old.address not in targets(launch)
        await place.send_all(launch)
        await place.send_all(await as_port.issue(second, [HOLDER], 1))

        for terms, home in ((first, old), (second, new)):
            assert await books.home(terms.id) is not None
            assert (await books.home(terms.id)).address == home.address
            redemption = place.redemption(terms, order_hash=keccak256(str(home.address).encode()))
            intent = await as_port.redeem([terms], redemption, sign(await as_port.consents([terms], redemption)))
            assert targets([intent]) == {home.address}
            await place.send(intent)
            state = await as_port.voucher(redemption.items[0].voucher)
            assert state is not None
            assert state.redeemed_at is not None
            assert (await as_port.escrow(terms)).base_units == terms.full_funding - 20_000_000

        page = await as_port.events([first, second], start, await place.height())
        redeemed = [event.fact for event in page.events if isinstance(event.fact, facts.VoucherRedeemed)]
        assert [fact.voucher.campaign for fact in redeemed] == [first.id, second.id]
        assert [event.position for event in page.events] == sorted(event.position for event in page.events)
        assert len({(event.position.height, event.position.event_index) for event in page.events}) == len(page.events)


async def test_an_order_across_books_is_refused_before_anybody_signs() -> None:
    async with stage() as place:
        first = await place.terms()
        await place.send(next(iter(await place.book.launch(first))))
        books = EvmVoucherBooks([await newer_book(place), place.book])
        salt = b"\2" * 32
        second = await place.terms(salt=salt, id=derive_campaign_id(first.rules_hash, ISSUER.raw, bytes(32), salt))
        await place.send(next(iter(await books.launch(second))))
        with pytest.raises(FeatureUnavailable, match="separate orders") as refused:
            await books.consents([first, second], place.redemption(first))
        assert refused.value.books == sorted(book.address for book in books.addresses)


async def test_books_of_one_chain_only_and_each_once() -> None:
    async with stage() as place:
        with pytest.raises(ChainMismatch):
            EvmVoucherBooks([place.book, place.book])
        absent = EvmVoucherBook(CHAIN, place.node.rpc, bytes(19) + b"\x77")
        with pytest.raises(ChainMismatch, match="no voucher book"):
            await EvmVoucherBooks([place.book, absent]).check()
