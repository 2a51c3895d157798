"""Whom a merchant's own orders and vouchers single out: accounts that it may issue to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import InvalidTerms
from primitives.voucher_id import CampaignId
from vouchers.issuance.segments import sql

MAX_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Segment:
    """All that is named must hold; what is None does not matter. Days are counted back from now.

    Attributes:
        bought_sku: Bought this sku in a paid order.
        holds: Has a live voucher of this campaign of the merchant's.
        spent_minor: Paid at least so much in all, in minor units of `currency`.
        seen_within_days, not_seen_within_days: When the person last paid.
    """

    bought_sku: str | None = None
    holds: CampaignId | None = None
    spent_minor: int | None = None
    currency: str | None = None
    seen_within_days: int | None = None
    not_seen_within_days: int | None = None

    def __post_init__(self) -> None:
        named = (self.bought_sku, self.holds, self.spent_minor, self.seen_within_days, self.not_seen_within_days)
        if all(one is None for one in named):
            raise InvalidTerms("say at least one thing about the people", field="segment")
        if self.spent_minor is not None and (self.spent_minor < 1 or self.currency is None):
            raise InvalidTerms("an amount spent is above zero and has a currency", field="segment.spent_minor")
        for name in ("seen_within_days", "not_seen_within_days"):
            days = getattr(self, name)
            if days is not None and not 1 <= days <= MAX_DAYS:
                raise InvalidTerms(f"{name} is 1 to {MAX_DAYS}", field=f"segment.{name}")

    def to_json(self) -> dict[str, Any]:
        return {
            "bought_sku": self.bought_sku,
            "holds": None if self.holds is None else str(self.holds),
            "spent_minor": self.spent_minor,
            "currency": self.currency,
            "seen_within_days": self.seen_within_days,
            "not_seen_within_days": self.not_seen_within_days,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises InvalidTerms."""
        try:
            holds = data.get("holds")
            return cls(**{**data, "holds": None if holds is None else CampaignId.parse(holds)})
        except TypeError as error:
            raise InvalidTerms("a segment has a field that is not known", field="segment") from error


class Segments:
    """Reads; nothing here changes anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts(self, tenant_id: UUID, chain: ChainId, segment: Segment, *, limit: int) -> Sequence[AccountId]:
        """The account that each person last paid with on this chain, in a stable order; at most `limit`."""
        async with self._database.transaction() as tx:
            return [
                account
                for _, account in await sql.people(
                    tx,
                    tenant_id,
                    chain,
                    bought_sku=segment.bought_sku,
                    holds=segment.holds,
                    spent_minor=segment.spent_minor,
                    currency=segment.currency,
                    seen_within_days=segment.seen_within_days,
                    not_seen_within_days=segment.not_seen_within_days,
                    limit=limit,
                )
            ]
