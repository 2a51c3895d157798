"""The authority's own record: (chain, voucher) → the one payload that may redeem it.

A row stays for ever once its transaction has landed, which is why a redeemed serial is never co-signed again. It goes
only when the transaction can no longer land: its last valid block height is final and history does not hold it.
A handed-on voucher is bound for as long as its transaction can land, and then free for whoever holds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, delete, false, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BaseUnits, LargeBinary, Text, Timestamp
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.voucher_id import CampaignId, SerialClass, VoucherId

_UNTIL_A_MOVE_IS_OVER = 150 + 32
"""Blocks from the last valid height of a transaction to that of one made when it can no longer land: a blockhash is
good for 150 blocks, and 31 on top make a block final."""

cosigned_table = Table(
    "keystore_cosigned_serial",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("voucher", LargeBinary, primary_key=True),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("last_valid_height", BigInteger, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("redeemed_by", LargeBinary),
    Column("moves", Boolean, nullable=False, server_default=false()),
    Index("ix_keystore_cosigned_serial_payload_hash", "payload_hash"),
    Index("ix_keystore_cosigned_serial_redeemed_by", "chain", "redeemed_by"),
)

limit_table = Table(
    "keystore_redemption_limit",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("campaign", LargeBinary, primary_key=True),
    Column("per_holder", BigInteger),
    Column("per_order", BigInteger),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
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


@dataclass(frozen=True, slots=True)
class RedemptionLimits:
    """Most vouchers of a campaign that are co-signed for one holder, reversed ones that came back apart, and in one
    order; None for no limit."""

    per_holder: int | None = None
    per_order: int | None = None


async def set_limits(tx: Transaction, chain: ChainId, campaign: CampaignId, limits: RedemptionLimits) -> None:
    """Store a campaign's limits, once.

    Raises:
        InvalidValue: They are stored otherwise; terms never change.
    """
    values = {
        "chain": str(chain),
        "campaign": campaign.raw,
        "per_holder": limits.per_holder,
        "per_order": limits.per_order,
    }
    await tx.execute(insert(limit_table).values(values).on_conflict_do_nothing())
    if (await _limits_of(tx, chain, [campaign]))[campaign] != limits:
        raise InvalidValue(f"campaign {campaign} is already known to the key policy with other limits")


async def require_within_limits(tx: Transaction, chain: ChainId, holder: bytes, vouchers: Sequence[VoucherId]) -> None:
    """Check an order against its campaigns' limits, and let no other order of the holder (32 bytes) by until this
    transaction ends. What was co-signed before counts until it is released; the same voucher never counts twice.

    Raises:
        RedemptionRefused: `rule` is limit_per_order or limit_per_holder.
    """
    asked = Counter(voucher.campaign for voucher in vouchers)
    known = await _limits_of(tx, chain, asked)
    for campaign, limits in known.items():
        if limits.per_order is not None and asked[campaign] > limits.per_order:
            raise _over_limit("limit_per_order", campaign, "in one order", asked[campaign], limits.per_order)
    if all(limits.per_holder is None for limits in known.values()):
        return
    await lock_for_transaction(tx, "keystore_redemption_limit", chain, holder.hex())
    rows = await tx.execute(
        select(cosigned_table.c.voucher).where(
            cosigned_table.c.chain == str(chain), cosigned_table.c.redeemed_by == holder
        )
    )
    together = {VoucherId.from_raw(bytes(row.voucher)) for row in rows} | set(vouchers)
    counts = Counter(voucher.campaign for voucher in together if voucher.serial.kind is SerialClass.SINGLE)
    for campaign, limits in known.items():
        if limits.per_holder is not None and counts[campaign] > limits.per_holder:
            raise _over_limit("limit_per_holder", campaign, "by one holder", counts[campaign], limits.per_holder)


def _over_limit(rule: str, campaign: CampaignId, where: str, count: int, limit: int) -> RedemptionRefused:
    return RedemptionRefused(
        f"{count} vouchers of campaign {campaign} {where}: its limit is {limit}",
        rule=rule,
        campaign=str(campaign),
        count=count,
        limit=limit,
    )


async def _limits_of(
    tx: Transaction, chain: ChainId, campaigns: Iterable[CampaignId]
) -> dict[CampaignId, RedemptionLimits]:
    wanted = [campaign.raw for campaign in campaigns]
    rows = await tx.execute(
        select(limit_table).where(limit_table.c.chain == str(chain), limit_table.c.campaign.in_(wanted))
    )
    return {CampaignId(bytes(row.campaign)): RedemptionLimits(row.per_holder, row.per_order) for row in rows}


async def claim(
    tx: Transaction,
    chain: ChainId,
    vouchers: Iterable[VoucherId],
    payload_hash: bytes,
    last_valid_height: int,
    *,
    redeemed_by: bytes | None = None,
    moves: bool = False,
) -> None:
    """Bind each voucher to this payload (32 bytes, SHA-256), unless it is bound already.

    Args:
        redeemed_by: The holder, 32 bytes; None when the payload redeems nothing.
        moves: The vouchers live on with another holder, so the binding ends when the payload can no longer land.

    Raises:
        RedemptionRefused: `rule` is outstanding_serial: a voucher is bound to another payload, which has landed or
            still can.
    """
    # One order for all, so that two claims of the same vouchers wait for each other and never lock each other out.
    named = {voucher.raw: voucher for voucher in vouchers}
    bound = {
        "chain": str(chain),
        "payload_hash": payload_hash,
        "last_valid_height": last_valid_height,
        "redeemed_by": redeemed_by,
        "moves": moves,
    }
    for raw in sorted(named):
        await tx.execute(
            delete(cosigned_table).where(
                cosigned_table.c.chain == str(chain),
                cosigned_table.c.voucher == raw,
                cosigned_table.c.moves,
                cosigned_table.c.last_valid_height < last_valid_height - _UNTIL_A_MOVE_IS_OVER,
            )
        )
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
