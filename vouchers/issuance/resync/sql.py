"""Bringing a lane's numbers up to the chain's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from persistence.database import Transaction
from primitives.account_id import AccountId
from vouchers.campaigns.model import IssuanceStatus, Lane
from vouchers.campaigns.sql import campaign_lane_table, issuance_item_table, issuance_table
from vouchers.issuance.sql import EndedIssuance, Item

_OPEN = (IssuanceStatus.REQUESTED.value, IssuanceStatus.IN_FLIGHT.value)
_i = issuance_item_table.c


async def every_waiting_item(tx: Transaction, lane: Lane) -> Sequence[Item]:
    """Of all open issuances of a lane, in their order, whether their payment has failed or was never asked for."""
    rows = await tx.execute(
        select(_i.issuance_id, _i.place, _i.holder, _i.attempt)
        .join(issuance_table, issuance_table.c.id == _i.issuance_id)
        .where(
            issuance_table.c.campaign_id == str(lane.campaign_id),
            issuance_table.c.chain == str(lane.chain),
            issuance_table.c.status.in_(_OPEN),
            _i.status == IssuanceStatus.REQUESTED.value,
        )
        .order_by(issuance_table.c.created_at, issuance_table.c.id, _i.place)
    )
    return [Item(row.issuance_id, row.place, AccountId.parse(row.holder), row.attempt) for row in rows]


async def take_over(
    tx: Transaction, lane: Lane, found: Mapping[int, Item], next_number: int
) -> Sequence[EndedIssuance]:
    """Mark the items as issued under their numbers and go on at `next_number`; answers the issuances that are complete.

    Numbers without an item were issued by nobody we know: they count against the cap.
    """
    strangers = next_number - lane.next_number - len(found)
    table = campaign_lane_table.c
    await tx.execute(
        update(campaign_lane_table)
        .where(table.campaign_id == str(lane.campaign_id), table.chain == str(lane.chain))
        .values(
            next_number=next_number,
            reserved=func.least(table.cap, func.greatest(table.reserved + strangers, next_number - 1)),
        )
    )
    if not found:
        return ()
    await tx.execute(
        update(issuance_item_table)
        .where(_i.issuance_id == bindparam("of"), _i.place == bindparam("at"))
        .values(status=IssuanceStatus.DONE.value, number=bindparam("its_number"), payment_id=None),
        [{"of": item.issuance_id, "at": item.place, "its_number": number} for number, item in found.items()],
    )
    touched: set[UUID] = {item.issuance_id for item in found.values()}
    waiting = (
        select(_i.issuance_id)
        .where(_i.issuance_id == issuance_table.c.id, _i.status != IssuanceStatus.DONE.value)
        .exists()
    )
    rows = await tx.execute(
        update(issuance_table)
        .where(issuance_table.c.id.in_(touched), ~waiting)
        .values(status=IssuanceStatus.DONE.value)
        .returning(issuance_table.c.id, issuance_table.c.tenant_id, issuance_table.c.origin)
    )
    return [EndedIssuance(row.id, row.tenant_id, row.origin, 0) for row in rows]
