"""What the payments of a commit add for those behind them, before anything of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chains.intent import Transfer
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.engine.model import Payment
from wallets.risk.behaviour import WINDOW, History
from wallets.risk.history.sql import Known
from wallets.risk.model import Assessment, is_first_payment


class Along:
    """Counts as the tables would if each payment were stored with its score before the next one is asked about: how
    payments are gathered into commits changes nothing of what is decided."""

    def __init__(self) -> None:
        self._habits: dict[tuple[AccountId, AssetId], tuple[int, int]] = {}
        self._strangers: dict[UUID, dict[datetime, int]] = {}

    def history(self, payment: Payment, told: Known, paid: Sequence[AccountId]) -> History:
        """What is known when this payment's turn comes. `paid`: as `History.paid`."""
        action = payment.intent.action
        habit = (payment.sender, action.amount.asset.id) if isinstance(action, Transfer) else None
        earlier, largest = (0, 0) if habit is None else self._habits.get(habit, (0, 0))
        since = payment.created_at - WINDOW
        strangers = self._strangers.get(payment.tenant_id, {})
        return History(
            paid=tuple(paid),
            touched=told.touched,
            paid_before=told.paid_before,
            recent=told.recent,
            recent_new=told.recent_new + sum(more for decided_at, more in strangers.items() if decided_at > since),
            largest=max(told.largest, largest),
            earlier=told.payments + earlier,
        )

    def add(self, payment: Payment, told: Known, assessment: Assessment) -> None:
        """The payment has had its turn."""
        if assessment.findings:
            # A payment that was scored before keeps the moment of its first score, and may have been counted already.
            at = told.decided_at or told.moment
            strangers = self._strangers.setdefault(payment.tenant_id, {})
            strangers[at] = strangers.get(at, 0) + is_first_payment(assessment.findings) - told.counted
        action = payment.intent.action
        if isinstance(action, Transfer) and not assessment.verdict.stops:
            habit = (payment.sender, action.amount.asset.id)
            earlier, largest = self._habits.get(habit, (0, 0))
            self._habits[habit] = (earlier + 1, max(largest, action.amount.base_units))
