"""The queue of a lane: items of all its issuances in order, and what became of those in one payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import IssuanceStatus
from vouchers.campaigns.sql import campaign_lane_table, issuance_item_table, issuance_table

_OPEN = (IssuanceStatus.REQUESTED.value, IssuanceStatus.IN_FLIGHT.value)


@dataclass(frozen=True, slots=True)
class Item:
    """One voucher to be issued. `attempt`: how many payments that carried it have failed."""

    issuance_id: UUID
    place: int
    holder: AccountId
    attempt: int


@dataclass(frozen=True, slots=True)
class EndedIssuance:
    """An issuance of which nothing is waiting any more. `origin`: who asked, None for the organisation itself."""

    id: UUID
    tenant_id: UUID
    origin: str | None
    count: int


async def take_room(tx: Transaction, campaign_id: CampaignId, chain: ChainId, count: int) -> bool:
    """Reserve vouchers of an active lane below its cap: the one conditional update that decides."""
    taken = await tx.execute(
        update(campaign_lane_table)
        .where(
            campaign_lane_table.c.campaign_id == str(campaign_id),
            campaign_lane_table.c.chain == str(chain),
            campaign_lane_table.c.status == "active",
            campaign_lane_table.c.reserved + count <= campaign_lane_table.c.cap,
        )
        .values(reserved=campaign_lane_table.c.reserved + count)
    )
    return int(taken.rowcount) == 1


async def give_room_back(tx: Transaction, campaign_id: CampaignId, chain: ChainId, count: int) -> None:
    await tx.execute(
        update(campaign_lane_table)
        .where(campaign_lane_table.c.campaign_id == str(campaign_id), campaign_lane_table.c.chain == str(chain))
        .values(
            # Numbers that the chain has given out stay taken.
            reserved=func.greatest(campaign_lane_table.c.reserved - count, campaign_lane_table.c.next_number - 1)
        )
    )


async def next_items(tx: Transaction, campaign_id: CampaignId, chain: ChainId, limit: int) -> Sequence[Item]:
    """The first waiting items of a lane, over all its issuances in their order; an issuance whose payment has failed
    together with others goes alone."""
    items, issuances = issuance_item_table.c, issuance_table.c
    rows = (
        await tx.execute(
            select(items.issuance_id, items.place, items.holder, items.attempt)
            .join(issuance_table, issuances.id == items.issuance_id)
            .where(
                issuances.campaign_id == str(campaign_id),
                issuances.chain == str(chain),
                issuances.status.in_(_OPEN),
                items.status == IssuanceStatus.REQUESTED.value,
            )
            .order_by(issuances.created_at, issuances.id, items.place)
            .limit(limit)
        )
    ).all()
    found = [Item(row.issuance_id, row.place, AccountId.parse(row.holder), row.attempt) for row in rows]
    if found and found[0].attempt:
        return [item for item in found if item.issuance_id == found[0].issuance_id]
    return [item for item in found if not item.attempt]


async def items_sent(tx: Transaction, items: Sequence[Item], first_number: int, payment_id: UUID) -> None:
    """These items are in this payment, numbered from `first_number` in their order."""
    table = issuance_item_table
    await tx.execute(
        update(table)
        .where(table.c.issuance_id == bindparam("of"), table.c.place == bindparam("at"))
        .values(status=IssuanceStatus.IN_FLIGHT.value, payment_id=payment_id, number=bindparam("its_number")),
        [
            {"of": item.issuance_id, "at": item.place, "its_number": first_number + offset}
            for offset, item in enumerate(items)
        ],
    )
    await tx.execute(
        update(issuance_table)
        .where(issuance_table.c.id.in_({item.issuance_id for item in items}))
        .values(status=IssuanceStatus.IN_FLIGHT.value)
    )


async def items_issued(tx: Transaction, payment_id: UUID) -> tuple[int, Sequence[EndedIssuance]]:
    """The payment is final: its items are issued. Returns how many, and the issuances that are now complete."""
    rows = (
        await tx.execute(
            update(issuance_item_table)
            .where(
                issuance_item_table.c.payment_id == payment_id,
                issuance_item_table.c.status == IssuanceStatus.IN_FLIGHT.value,
            )
            .values(status=IssuanceStatus.DONE.value)
            .returning(issuance_item_table.c.issuance_id)
        )
    ).all()
    touched = {row.issuance_id for row in rows}
    waiting = (
        select(issuance_item_table.c.issuance_id)
        .where(
            issuance_item_table.c.issuance_id == issuance_table.c.id,
            issuance_item_table.c.status != IssuanceStatus.DONE.value,
        )
        .exists()
    )
    ended = (
        await tx.execute(
            update(issuance_table)
            .where(issuance_table.c.id.in_(touched), ~waiting)
            .values(status=IssuanceStatus.DONE.value)
            .returning(issuance_table.c.id, issuance_table.c.tenant_id, issuance_table.c.origin)
        )
    ).all()
    return len(rows), [EndedIssuance(row.id, row.tenant_id, row.origin, 0) for row in ended]


async def issuances_of_payment(tx: Transaction, payment_id: UUID) -> Sequence[UUID]:
    rows = await tx.execute(
        select(issuance_item_table.c.issuance_id).where(issuance_item_table.c.payment_id == payment_id).distinct()
    )
    return list(rows.scalars())


async def items_again(tx: Transaction, payment_id: UUID) -> None:
    """The payment failed with items of several issuances in it: each shall be tried without the others."""
    await tx.execute(
        update(issuance_item_table)
        .where(
            issuance_item_table.c.payment_id == payment_id,
            issuance_item_table.c.status == IssuanceStatus.IN_FLIGHT.value,
        )
        .values(
            status=IssuanceStatus.REQUESTED.value,
            payment_id=None,
            number=None,
            attempt=issuance_item_table.c.attempt + 1,
        )
    )


async def issuance_failed(tx: Transaction, issuance_id: UUID, failure: Mapping[str, Any]) -> EndedIssuance:
    """Everything of this issuance that is not issued fails; `count` says how many vouchers that is."""
    failed = await tx.execute(
        update(issuance_item_table)
        .where(issuance_item_table.c.issuance_id == issuance_id, issuance_item_table.c.status.in_(_OPEN))
        .values(status=IssuanceStatus.FAILED.value, number=None)
    )
    row = (
        await tx.execute(
            update(issuance_table)
            .where(issuance_table.c.id == issuance_id)
            .values(status=IssuanceStatus.FAILED.value, failure=dict(failure))
            .returning(issuance_table.c.tenant_id, issuance_table.c.origin)
        )
    ).one()
    return EndedIssuance(issuance_id, row.tenant_id, row.origin, int(failed.rowcount))
