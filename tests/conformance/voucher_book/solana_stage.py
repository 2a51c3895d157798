"""The suite's stage on the local Solana chain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from chains.campaign import Redemption
from chains.intent import Intent
from chains.ports import VoucherBook
from primitives.account_id import AccountId
from tests.fakes.solana_cast import Cast, solana_cast


class SolanaBookStage:
    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self.book: VoucherBook = cast.book
        self.terms = replace(cast.terms, cap=5)
        self.holder, self.friend = cast.holder, cast.stranger
        self.merchant, self.relayer = cast.merchant, cast.relayer

    def redemption(self, number: int, *, order_hash: bytes, remainder: int) -> Redemption:
        return self._cast.redemption(number, order=order_hash, remainder=remainder)

    async def redeem(self, redemption: Redemption) -> None:
        assert not await self.book.consents([self.terms], redemption)
        await self.send(await self.book.redeem([self.terms], redemption, {}))

    async def send(self, intent: Intent) -> None:
        await self._cast.carry_out(intent)

    async def money(self, owner: AccountId) -> int:
        return await self._cast.cny(owner)

    async def height(self) -> int:
        return (await self._cast.adapter.heads()).included


@asynccontextmanager
async def solana_book_stage() -> AsyncIterator[SolanaBookStage]:
    async with solana_cast() as cast:
        yield SolanaBookStage(cast)
