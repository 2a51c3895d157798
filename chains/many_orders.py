"""What some voucher books do in one transaction and others do not: many orders, and claims along with an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from chains.campaign import CampaignTerms, ManyRedemption, Redemption
from chains.intent import Intent
from chains.ports import ConsentRequest
from primitives.errors import TransactionReverted
from primitives.signing import Signature


@runtime_checkable
class RedeemsMany(Protocol):
    """A voucher book that redeems several orders of one merchant in one transaction, each by itself. On Solana there is
    none: a transaction of 1,232 bytes carries one order, which everybody concerned signs."""

    def joins_many(self, redemption: Redemption, consents: Mapping[str, Signature]) -> bool:
        """Whether this order, with what its holder signed, may be one of several."""
        ...

    async def redeem_many(self, orders: Sequence[ManyRedemption], *, gas: int) -> Intent:
        """The one transaction. An order that the chain refuses is left out, and the others are redeemed; payouts are
        the merchant's credit.

        Args:
            gas: What the orders take alone, together, as simulated.

        Raises:
            InvalidValue, FeatureUnavailable: They do not go together.
        """
        ...

    async def outcomes(self, tx_hash: str) -> Mapping[bytes, TransactionReverted | None]:
        """What a transaction did with each of its orders, by order hash: None where it was redeemed, else why not.

        Raises:
            NodeUnavailable: Also while the node does not have it.
        """
        ...


@runtime_checkable
class ClaimsAlong(Protocol):
    """A voucher book whose `redeem` claims the unclaimed leaves of an order in the same transaction."""

    def claims_along(self, requests: Sequence[ConsentRequest]) -> bool:
        """Whether it does so for an order for which the holder signs these."""
        ...

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]: ...
