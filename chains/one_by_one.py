"""Acts on several transactions as acts on each: for chains whose nodes offer nothing better."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chains.intent import Intent
from chains.ports import AccountState, NonceLane, Nonces, Preview, Receipt, SignedTransaction, Speed, Standing
from primitives.account_id import AccountId
from primitives.asset import Asset
from primitives.errors import ChainError, NodeUnavailable, QuanbaoError

if TYPE_CHECKING:
    from chains.ports import ChainAdapter

_AT_ONCE = 8


class OneByOne:
    """Mixed into an adapter that has the single acts."""

    @property
    def lane(self) -> NonceLane | None:
        return None

    async def state(self: ChainAdapter, account: AccountId, assets: Sequence[Asset]) -> AccountState:
        """The height is asked first: an effect above it may already be in the balances, one at or below it surely
        is."""
        height = (await self.heads()).included
        included = await self.next_nonce(account)
        return AccountState(
            height=height,
            nonces=None if included is None else Nonces(included, included),
            balances={asset.id: await self.balance(account, asset) for asset in assets},
        )

    async def never_lands(self, signed: SignedTransaction) -> bool:
        return False

    async def preview_many(
        self: ChainAdapter, intents: Sequence[tuple[Intent, Speed]]
    ) -> Sequence[Preview | QuanbaoError]:
        answers: list[Preview | QuanbaoError] = []
        for intent, speed in intents:
            try:
                answers.append(await self.preview(intent, speed=speed))
            except NodeUnavailable:
                raise
            except QuanbaoError as error:
                answers.append(error)
        return answers

    async def broadcast_many(self: ChainAdapter, signed: Sequence[SignedTransaction]) -> Sequence[ChainError | None]:
        answers: list[ChainError | None] = []
        for transaction in signed:
            try:
                await self.broadcast(transaction)
            except NodeUnavailable:
                raise
            except ChainError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    async def standing(self: ChainAdapter, account: AccountId, tx_hashes: Sequence[str]) -> Standing:
        finalised = await self.finalised(account)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def look(tx_hash: str) -> Receipt | None:
            async with gate:
                return await self.receipt(tx_hash)

        receipts = await asyncio.gather(*(look(tx_hash) for tx_hash in tx_hashes))
        return Standing(finalised, await self.next_nonce(account), tuple(receipts))
