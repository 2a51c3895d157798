"""What a holder's key signs for an order outside the engine: stored in the transaction that keeps a freeze waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from chains.ports import ConsentRequest
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId
from primitives.signing import KeyId, Signature, Signer, SigningRequest
from vouchers.orders.model import ACT_PAY, OrderQuote
from wallets.freeze.service import FreezeService

_AT_ONCE = 4
"""While one waits, its connection is held and the keystore needs another: together they must leave some of the pool."""


class ConsentSigning:
    """Orders what is signed, or taken over from an outside wallet, with freezes of the holder's account."""

    def __init__(self, database: Database) -> None:
        self._freezes = FreezeService(database)
        self._few = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def storing(self, quote: OrderQuote) -> AsyncIterator[Transaction]:
        """The transaction within which the holder's consent is signed and stored; no freeze commits before it ends.

        Raises:
            AccountFrozen: Nothing may be signed for the account.
        """
        async with self._few, self._freezes.signing(quote.tenant_id, quote.account) as tx:
            yield tx

    async def sign(
        self, signer: Signer, key: KeyId, chain: ChainId, asked: Sequence[ConsentRequest]
    ) -> Mapping[str, Signature]:
        """By name. Raises KeystoreLocked, SigningRefused."""
        return {
            one.name: await signer.sign(
                SigningRequest(key=key, scheme=one.scheme, payload=one.payload, chain=chain, act=ACT_PAY)
            )
            for one in asked
        }
