"""One holder's points of one programme under lock: every change is an entry whose postings sum to zero.

Source: rules.md §1, §6. Entries are chained by hash, so that a statement that was handed out cannot be rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from codec.canonical_json import encode_canonical
from persistence.database import Transaction
from primitives.errors import PointsNotEnough
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.points import sql
from vouchers.points.model import PointsAccount, PointsAct, PointsEntry, PointsSide

ENTRY_SCHEMA = "quanbao.points.v1"


def entry_hash(
    programme: CampaignId,
    holder_id: UUID,
    number: int,
    act: PointsAct,
    at: int,
    reference: str | None,
    postings: Sequence[tuple[PointsSide, int]],
    previous: bytes,
) -> bytes:
    """keccak256 of the entry's canonical JSON with the hash before it (32 zero bytes before the first)."""
    return keccak256(
        encode_canonical(
            {
                "schema": ENTRY_SCHEMA,
                "programme": str(programme),
                "holder": str(holder_id),
                "number": number,
                "act": act.value,
                "at": at,
                "reference": reference,
                "postings": {side.value: points for side, points in postings},
                "previous": previous.hex(),
            }
        )
    )


class PointsBook:
    """Made by `opened`; what is overdue has been released and expired by then.

    Args:
        at: Unix seconds of the act: block time of an order.
    """

    def __init__(self, tx: Transaction, account: PointsAccount, at: int) -> None:
        self._tx = tx
        self._account = account
        self._at = at

    @classmethod
    async def opened(
        cls, tx: Transaction, programme: CampaignId, holder_id: UUID, tenant_id: UUID, at: int
    ) -> PointsBook:
        """Locks the account until the transaction ends."""
        book = cls(tx, await sql.locked_account(tx, programme, holder_id, tenant_id), at)
        for hold in await sql.overdue_holds(tx, programme, holder_id):
            await book.release(hold)
        await book.expire()
        return book

    @property
    def account(self) -> PointsAccount:
        return self._account

    async def _post(self, act: PointsAct, reference: object, changes: Mapping[PointsSide, int]) -> None:
        postings = tuple(sorted((side, points) for side, points in changes.items() if points))
        if not postings:
            return
        assert sum(points for _, points in postings) == 0
        before = self._account
        number = before.entries + 1
        text = None if reference is None else str(reference)
        digest = entry_hash(before.programme, before.holder_id, number, act, self._at, text, postings, before.head)
        self._account = replace(
            before,
            available=before.available + changes.get(PointsSide.AVAILABLE, 0),
            held=before.held + changes.get(PointsSide.HELD, 0),
            debt=before.debt - changes.get(PointsSide.DEBT, 0),
            entries=number,
            head=digest,
        )
        await sql.insert_entry(self._tx, self._account, PointsEntry(number, act, self._at, text, postings, digest))
        await sql.write_account(self._tx, self._account)

    async def expire(self) -> int:
        """Lots whose time has come, soonest first. Returns their points."""
        gone = 0
        for lot in await sql.lots(self._tx, self._account.programme, self._account.holder_id):
            if lot.expires_at > self._at:
                break
            await sql.change_lot(self._tx, lot.id, -lot.left)
            gone += lot.left
        await self._post(PointsAct.EXPIRE, None, {PointsSide.AVAILABLE: -gone, PointsSide.EXPIRED: gone})
        return gone

    async def add(
        self, act: PointsAct, source: PointsSide, points: int, expires_at: int, reference: UUID | None
    ) -> None:
        """New points; they pay the debt first."""
        owed = min(self._account.debt, points)
        await sql.insert_lot(self._tx, self._account, points, points - owed, expires_at, reference)
        await self._post(act, reference, {PointsSide.AVAILABLE: points - owed, PointsSide.DEBT: owed, source: -points})

    async def take(self, points: int) -> dict[UUID, int]:
        """Points out of the lots, soonest-expiring first; the caller posts them. Raises PointsNotEnough."""
        if points > self._account.available:
            raise PointsNotEnough(
                f"{self._account.available} points can be spent, {points} are needed",
                needed=points,
                available=self._account.available,
            )
        return await self._drain(points, None)

    async def _drain(self, points: int, first_of: UUID | None) -> dict[UUID, int]:
        parts: dict[UUID, int] = {}
        for lot in await sql.lots(self._tx, self._account.programme, self._account.holder_id, first_of=first_of):
            part = min(points, lot.left)
            if part == 0:
                break
            await sql.change_lot(self._tx, lot.id, -part)
            parts[lot.id] = part
            points -= part
        return parts

    async def held(self, points: int, reference: object) -> None:
        """Posts what `take` took for a checkout."""
        await self._post(PointsAct.HOLD, reference, {PointsSide.AVAILABLE: -points, PointsSide.HELD: points})

    async def bought(self, points: int, reference: object) -> None:
        """Posts what `take` took for a gift."""
        await self._post(PointsAct.GIFT, reference, {PointsSide.AVAILABLE: -points, PointsSide.SPENT: points})

    async def release(self, hold: Row[Any]) -> None:
        """A hold's points go back to their lots; a debt made meanwhile is paid from them."""
        owed = rest = min(self._account.debt, hold.points)
        for lot_id, points, _ in await sql.hold_parts(self._tx, hold.id):
            paid = min(rest, points)
            rest -= paid
            if points > paid:
                await sql.change_lot(self._tx, lot_id, points - paid)
        await sql.set_hold(self._tx, hold.id, state="released", expires_at=None)
        await self._post(
            PointsAct.RELEASE,
            hold.order_id,
            {PointsSide.HELD: -hold.points, PointsSide.AVAILABLE: hold.points - owed, PointsSide.DEBT: owed},
        )

    async def spend(self, hold: Row[Any]) -> None:
        """A hold's points are spent for good."""
        await sql.set_hold(self._tx, hold.id, state="spent", expires_at=None, spent_at=self._at)
        await self._post(PointsAct.SPEND, hold.order_id, {PointsSide.HELD: -hold.points, PointsSide.SPENT: hold.points})

    async def charge(self, act: PointsAct, side: PointsSide, points: int, order_id: UUID) -> None:
        """Points go, there or not: the order's own first, then the soonest-expiring; the rest is a debt."""
        there = min(points, self._account.available)
        await self._drain(there, order_id)
        await self._post(
            act,
            order_id,
            {PointsSide.AVAILABLE: -there, PointsSide.DEBT: -(points - there), side: points},
        )
