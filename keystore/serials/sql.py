"""The authority's own record: (chain, voucher) → the one payload that may redeem it.

A row stays for ever once its transaction has landed, which is why a redeemed serial is never co-signed again. It goes
only when the transaction can no longer land: its last valid block height is final and history does not hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import BaseUnits, LargeBinary, Text, Timestamp
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.voucher_id import CampaignId, VoucherId

cosigned_table = Table(
    "keystore_cosigned_serial",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("voucher", LargeBinary, primary_key=True),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("last_valid_height", BigInteger, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Index("ix_keystore_cosigned_serial_payload_hash", "payload_hash"),
)


range_table = Table(
    "keystore_serial_range",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("campaign", LargeBinary, primary_key=True),
    Column("lane", Integer, nullable=False),
    Column("cap", BaseUnits, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)


@dataclass(frozen=True, slots=True)
class SerialRange:
    """The lane of a campaign's serials on one chain, and how many single ones may be issued there, from number 1."""

    lane: int
    cap: int


async def set_range(tx: Transaction, chain: ChainId, campaign: CampaignId, allowed: SerialRange) -> None:
    """Store a campaign's range, once.

    Raises:
        InvalidValue: It is stored with another one; terms never change.
    """
    values = {"chain": str(chain), "campaign": campaign.raw, "lane": allowed.lane, "cap": allowed.cap}
    await tx.execute(insert(range_table).values(values).on_conflict_do_nothing())
    if (await ranges_of(tx, chain, [campaign]))[campaign] != allowed:
        raise InvalidValue(f"campaign {campaign} is already known to the key policy with another range of serials")


async def ranges_of(tx: Transaction, chain: ChainId, campaigns: Iterable[CampaignId]) -> dict[CampaignId, SerialRange]:
    wanted = [campaign.raw for campaign in campaigns]
    rows = await tx.execute(
        select(range_table).where(range_table.c.chain == str(chain), range_table.c.campaign.in_(wanted))
    )
    return {CampaignId(row.campaign): SerialRange(row.lane, int(row.cap)) for row in rows}


async def claim(
    tx: Transaction, chain: ChainId, vouchers: Iterable[VoucherId], payload_hash: bytes, last_valid_height: int
) -> None:
    """Bind each voucher to this payload (32 bytes, SHA-256), unless it is bound already.

    Raises:
        RedemptionRefused: `rule` is outstanding_serial: a voucher is bound to another payload, which has landed or
            still can.
    """
    # One order for all, so that two claims of the same vouchers wait for each other and never lock each other out.
    named = {voucher.raw: voucher for voucher in vouchers}
    bound = {"chain": str(chain), "payload_hash": payload_hash, "last_valid_height": last_valid_height}
    for raw in sorted(named):
        await tx.execute(insert(cosigned_table).values(voucher=raw, **bound).on_conflict_do_nothing())
    others = await tx.execute(
        select(cosigned_table).where(
            cosigned_table.c.chain == str(chain),
            cosigned_table.c.voucher.in_(list(named)),
            cosigned_table.c.payload_hash != payload_hash,
        )
    )
    for found in others:
        raise RedemptionRefused(
            f"voucher {named[found.voucher]} is already co-signed in a transaction that has landed or still can",
            rule="outstanding_serial",
            voucher=str(named[found.voucher]),
            last_valid_height=found.last_valid_height,
        )


async def bound_payloads(tx: Transaction, chain: ChainId, vouchers: Iterable[VoucherId]) -> list[bytes]:
    """Hashes (32 bytes, SHA-256) of the payloads that these vouchers are bound to."""
    rows = await tx.execute(
        select(cosigned_table.c.payload_hash)
        .distinct()
        .where(cosigned_table.c.chain == str(chain), cosigned_table.c.voucher.in_([item.raw for item in vouchers]))
    )
    return [bytes(row.payload_hash) for row in rows]


async def release(tx: Transaction, chain: ChainId, payload_hash: bytes, finalized_height: int) -> int:
    """Give the vouchers of a payload free that can no longer land; answers how many.

    Args:
        finalized_height: Block height that the chain has made final.

    Raises:
        SigningRefused: `rule` is still_valid: the payload's last valid height is not final yet.
    """
    mine = (cosigned_table.c.chain == str(chain), cosigned_table.c.payload_hash == payload_hash)
    last = await tx.scalar(select(func.max(cosigned_table.c.last_valid_height)).where(*mine))
    if last is not None and finalized_height <= last:
        raise SigningRefused(
            f"the co-signed transaction can land until block height {last}, final is {finalized_height}",
            rule="still_valid",
            last_valid_height=last,
            finalized_height=finalized_height,
        )
    gone = await tx.execute(delete(cosigned_table).where(*mine))
    return gone.rowcount
