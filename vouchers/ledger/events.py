"""Tell tenants what the ledger has learnt."""

from __future__ import annotations

from collections.abc import Sequence

from people.events import publish_many
from persistence.database import Transaction
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger.model import LedgerEntry, kind_of, voucher_of


async def announce(tx: Transaction, changes: Sequence[LedgerEntry]) -> None:
    """One event per voucher fact, to the organisation whose campaign it is."""
    concerned = [(voucher, entry) for entry in changes if (voucher := voucher_of(entry.event.fact)) is not None]
    owners = await campaigns_by_id(tx, list({voucher.campaign for voucher, _ in concerned}))
    await publish_many(
        tx,
        [
            (
                owners[voucher.campaign].tenant_id,
                f"voucher.{kind_of(entry.event.fact)}",
                {
                    "campaign": str(voucher.campaign),
                    "voucher": str(voucher),
                    "chain": str(entry.chain),
                    "height": entry.position.height,
                    "gone": entry.reversing,
                },
            )
            for voucher, entry in concerned
            if voucher.campaign in owners
        ],
    )
