"""What the act that commits a drop reads and leaves behind."""

from __future__ import annotations

from persistence.database import Transaction
from primitives.errors import NotFound
from vouchers.campaigns.acts.sql import Act
from vouchers.issuance.drops import sql
from vouchers.issuance.drops.sql import Drop, DropStatus
from vouchers.issuance.sql import give_room_back


async def drop_to_commit(tx: Transaction, act: Act) -> Drop:
    """Raises NotFound when somebody removed it by hand."""
    drop = await sql.get_drop(tx, act.campaign_id, act.chain, int(act.facts["drop"]), lock=True)
    if drop is None:
        raise NotFound("no such drop")
    return drop


async def drop_committed(tx: Transaction, act: Act) -> None:
    await sql.update_drop(tx, await drop_to_commit(tx, act), status=DropStatus.COMMITTED.value)


async def drop_failed(tx: Transaction, act: Act) -> None:
    """Its vouchers were never promised: others may be issued in their place."""
    drop = await drop_to_commit(tx, act)
    if drop.status is DropStatus.COMMITTING:
        await sql.update_drop(tx, drop, status=DropStatus.FAILED.value)
        await give_room_back(tx, drop.campaign_id, drop.chain, drop.count)
