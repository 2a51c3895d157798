"""The suite's stage on Anvil."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chains.campaign import CampaignTerms, Redemption
from chains.intent import Intent
from chains.ports import VoucherBook
from primitives.account_id import AccountId
from primitives.asset import Amount
from tests.conformance.evm_contract import anvil_stage


class EvmBookStage:
    holder = anvil_stage.HOLDER
    friend = anvil_stage.FRIEND
    merchant = anvil_stage.MERCHANT
    relayer = anvil_stage.RELAYER

    def __init__(self, inner: anvil_stage.Stage, terms: CampaignTerms) -> None:
        self._inner = inner
        self.book: VoucherBook = inner.book
        self.terms = terms

    def redemption(self, number: int, *, order_hash: bytes, remainder: int) -> Redemption:
        amount = Amount(remainder, self._inner.money)
        return self._inner.redemption(self.terms, number, order_hash=order_hash, remainder=amount)

    async def redeem(self, redemption: Redemption) -> None:
        consents = anvil_stage.sign(await self.book.consents([self.terms], redemption))
        await self.send(await self.book.redeem([self.terms], redemption, consents))

    async def send(self, intent: Intent) -> None:
        await self._inner.send(intent)

    async def money(self, owner: AccountId) -> int:
        return await self._inner.balance(owner)

    async def height(self) -> int:
        return await self._inner.height()


@asynccontextmanager
async def evm_book_stage() -> AsyncIterator[EvmBookStage]:
    async with anvil_stage.stage() as inner:
        yield EvmBookStage(inner, await inner.terms())
