"""Vouchers of accounts in the order of a holder's list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ARRAY, bindparam, column, func, literal, select, tuple_

from persistence.database import Transaction
from persistence.types import BigInteger, Text
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId
from vouchers.ledger.model import Voucher, VoucherStatus
from vouchers.ledger.sql import voucher_of_row, voucher_table


async def campaigns_held(tx: Transaction, holders: Collection[AccountId]) -> Sequence[CampaignId]:
    """Of which these accounts hold or held vouchers."""
    rows = await tx.execute(
        select(voucher_table.c.campaign_id)
        .where(voucher_table.c.holder.in_([str(holder) for holder in holders]))
        .distinct()
    )
    return [CampaignId.parse(one) for one in rows.scalars()]


_BY_EXPIRY = (
    select(voucher_table)
    .join(
        func.unnest(bindparam("campaigns", type_=ARRAY(Text)), bindparam("ends", type_=ARRAY(BigInteger)))
        .table_valued(column("campaign", Text), column("ends", BigInteger), name="terms")
        .render_derived(),
        column("campaign", Text) == voucher_table.c.campaign_id,
    )
    .where(voucher_table.c.holder == func.any(bindparam("holders", type_=ARRAY(Text))))
)
_PLACE = (voucher_table.c.status != VoucherStatus.LIVE.value, column("ends", BigInteger), voucher_table.c.id)


async def vouchers_by_expiry(
    tx: Transaction,
    holders: Collection[AccountId],
    ends: Mapping[CampaignId, int],
    *,
    after: tuple[bool, int, str] | None,
    limit: int,
) -> Sequence[Voucher]:
    """Of these accounts, live ones by the ends of their campaigns and by id, then the others.

    Args:
        ends: Of every campaign that counts, Unix seconds.
        after: Whether it has ended, end and id of the last one seen.
    """
    statement = _BY_EXPIRY
    if after is not None:
        statement = statement.where(tuple_(*_PLACE) > tuple_(*map(literal, after)))
    rows = await tx.execute(
        statement.order_by(*_PLACE).limit(limit),
        {
            "campaigns": [str(campaign) for campaign in ends],
            "ends": list(ends.values()),
            "holders": [str(holder) for holder in holders],
        },
    )
    return [voucher_of_row(row) for row in rows]
