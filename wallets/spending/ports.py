"""Where spending is read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from wallets.spending.model import SpendingLine


class SpendingSource(Protocol):
    """Paid orders; `vouchers.spending` conforms."""

    async def lines(
        self, tx: Transaction, tenant_id: UUID, *, first: str, last: str, currency: str | None, zone: str
    ) -> Sequence[SpendingLine]:
        """Of the months `first … last` (YYYY-MM), both included; newest month first, then by merchant."""
        ...
