"""`ActivitySource` over the engine's payments: one line each, whatever became of its attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, case, cast, func, or_, select, true, tuple_

from chains.intent import ContractCall, Intent, Transfer
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.activity.model import ActivityEntry, ActivityState, Direction, Figure, Wanted
from wallets.activity.ports import Told
from wallets.activity.sql import filtered
from wallets.activity.words import SENTENCES
from wallets.engine.model import PaymentStatus
from wallets.engine.sql import attempt_table, payment_table
from wallets.transfers.reference import support_reference

_p, _a = payment_table.c, attempt_table.c

_STATES = {
    PaymentStatus.REQUESTED: ActivityState.WAITING,
    PaymentStatus.AWAITING_APPROVAL: ActivityState.WAITING,
    PaymentStatus.AWAITING_SIGNATURE: ActivityState.WAITING,
    PaymentStatus.IN_FLIGHT: ActivityState.PENDING,
    PaymentStatus.DONE: ActivityState.DONE,
    PaymentStatus.FAILED: ActivityState.FAILED,
    PaymentStatus.CANCELLED: ActivityState.CANCELLED,
}
_TOLD = tuple(sorted(kind for kind in SENTENCES if kind not in ("sent", "received", "called", "payment")))
"""Acts that have a sentence of their own."""


class PaymentSource:
    """Payments whose sender is one of the caller's accounts."""

    async def entries(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> Sequence[ActivityEntry]:
        attempt = _shown_attempt()
        at = func.coalesce(
            case((attempt.c.height.is_not(None), func.to_timestamp(attempt.c.block_time))), _p.created_at
        )
        inner = (
            select(
                payment_table,
                attempt.c.tx_hash,
                attempt.c.height,
                attempt.c.fee_paid,
                attempt.c.reason,
                case((_p.act.in_(_TOLD), _p.act), else_="payment").label("kind"),
                at.label("at"),
                func.concat("payment:", _p.id).collate("C").label("entry_id"),
            )
            .select_from(payment_table.outerjoin(attempt, true()))
            .where(
                _p.tenant_id == tenant_id,
                tuple_(_p.chain, _p.sender).in_([(str(one.chain), one.address) for one in wanted.accounts]),
            )
            .subquery()
        )
        c = inner.c
        statement = select(inner).where(
            filtered(wanted, c, func.concat(c.tx_hash, " ", c.act, " ", cast(c.id, Text), " ", cast(c.intent, Text)))
        )
        rows = await tx.execute(statement.order_by(c.at.desc(), c.entry_id.desc()).limit(wanted.limit))
        return [_entry(row) for row in rows]

    async def tells(
        self, tx: Transaction, tenant_id: UUID, accounts: Collection[AccountId], movements: Sequence[ActivityEntry]
    ) -> Mapping[str, Told]:
        """Also of attempts that another one replaced."""
        pairs = {(str(one.chain), one.tx_hash) for one in movements}
        rows = await tx.execute(
            select(_a.chain, _a.tx_hash, _p.intent)
            .join(payment_table, _p.id == _a.payment_id)
            .where(_p.tenant_id == tenant_id, tuple_(_a.chain, _a.tx_hash).in_(sorted(pairs)))
        )
        intents = {(row.chain, row.tx_hash): Intent.from_json(row.intent) for row in rows}
        return {
            one.id: Told.ALL if _is_act(one, intent) else Told.FEE
            for one in movements
            if (intent := intents.get((str(one.chain), one.tx_hash or ""))) is not None and intent.sender == one.account
        }


def _is_act(movement: ActivityEntry, intent: Intent) -> bool:
    """Whether the movement is what the payment was to do, and nothing beside it."""
    if movement.direction is not Direction.OUT:
        return False
    if movement.amount is None:
        return True
    match intent.action:
        case Transfer(sent, _):
            return movement.amount.asset == str(sent.asset.id) and movement.amount.units == sent.base_units
        case ContractCall(_, _, value):
            native = str(AssetId.native(intent.chain))
            return movement.amount.asset == native and movement.amount.units == value
    return False


def _shown_attempt() -> Any:
    """The one that landed, else the newest that is not kept in reserve."""
    landed = _a.status.in_(("included", "final"))
    return (
        select(
            _a.tx_hash,
            case((landed, _a.height)).label("height"),
            _a.block_time,
            _a.fee_paid,
            _a.reason,
        )
        .where(_a.payment_id == _p.id, or_(landed, _a.reserve.is_(False)))
        .order_by(landed.desc(), _a.number.desc())
        .limit(1)
        .lateral("shown")
    )


def _entry(row: Row[Any]) -> ActivityEntry:
    intent = Intent.from_json(row.intent)
    account = intent.sender
    amount, counterparty = None, None
    match intent.action:
        case Transfer(sent, recipient):
            amount = Figure(sent.base_units, str(sent.asset.id), sent.asset.symbol, sent.asset.decimals)
            counterparty = str(recipient)
        case ContractCall(to, _, value):
            counterparty = str(to)
            if value:
                amount = Figure(value, str(AssetId.native(account.chain)), row.fee_symbol, row.fee_decimals)
    facts = {"act": row.act, "payment": str(row.id), "reference": support_reference(row.id)}
    status = PaymentStatus(row.status)
    if status is PaymentStatus.FAILED:
        facts["reason"] = row.reason or (row.failure or {}).get("message", "")
        facts["code"] = (row.failure or {}).get("code", "")
    fee = None
    if row.fee_paid is not None:
        native = str(AssetId.native(account.chain))
        fee = Figure(int(row.fee_paid), native, row.fee_symbol, row.fee_decimals)
    return ActivityEntry(
        id=row.entry_id,
        at=row.at,
        kind=row.kind,
        state=_STATES[status],
        direction=Direction.NONE if amount is None else Direction.OUT,
        account=account,
        chain=account.chain,
        tx_hash=row.tx_hash,
        height=row.height,
        amount=amount,
        fee=fee,
        counterparty=counterparty,
        facts=facts,
    )
