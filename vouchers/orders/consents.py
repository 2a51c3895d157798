"""What a holder's key signs for an order outside the engine: stored in the transaction that keeps a freeze waiting, and
in which the holder's own rules are asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from chains.ports import ConsentRequest
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId
from primitives.errors import QuanbaoError
from primitives.signing import KeyId, Signature, Signer, SigningRequest
from vouchers.orders.beside import RemainderRules
from vouchers.orders.model import ACT_PAY, OrderQuote
from wallets.freeze.service import FreezeService

_AT_ONCE = 4
"""While one waits, its connection is held and the keystore needs another: together they must leave some of the pool."""


class ConsentSigning:
    """Orders what is signed, or taken over from an outside wallet, with freezes of the holder's account, and holds what
    is paid beside vouchers against the holder's limits."""

    def __init__(self, database: Database, rules: RemainderRules) -> None:
        self._freezes = FreezeService(database)
        self._rules = rules
        self._few = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def storing(self, quote: OrderQuote) -> AsyncIterator[Transaction]:
        """The transaction within which the holder's consent is signed and stored; no freeze commits before it ends.

        Raises:
            AccountFrozen: Nothing may be signed for the account.
            PolicyRefused, ApprovalNeeded: By the holder's rules, as they are at this moment.
            PriceUnavailable, PriceStale: Nobody can say whether they allow it.
        """
        denied: QuanbaoError | None
        async with self._few, self._freezes.signing(quote.tenant_id, quote.account) as tx:
            denied = await self._rules.hold(tx, quote)
            if denied is None:
                yield tx
        # Only now: what was decided is stored.
        if denied is not None:
            raise denied

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
