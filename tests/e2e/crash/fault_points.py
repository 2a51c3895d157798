"""Every persisted step of the program at which it can be made to die, and the play that passes it."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PACKAGES = ("api", "audit", "chains", "keystore", "people", "persistence", "vouchers", "wallets")
_CALL = re.compile(r"fault_point\((.+)\)")
_NAME = re.compile(r'"([a-z_]+\.[a-z_]+)"')

LAUNCHING = ("campaign.drafted", "campaign.step_requested")
"""Passed before the campaign is active."""

RUNNING = (
    "books.posted",
    "issuance.requested",
    "issuance.step_requested",
    "ledger.page_stored",
    "order.pay_requested",
    "order.payment_ended",
    "order.payment_stored",
    "payment.broadcast",
    "payment.ended",
    "payment.followed",
    "payment.handed_over",
    "payment.included",
    "payment.requested",
    "payment.signed",
)
"""Passed by the story with an active campaign."""

TRANSFERRING = ("transfer.requested",)
"""Passed by a holder's own transfer, which is no part of the demo."""


MENDING = (
    "balance.watched",
    "lane.filled",
    "payment.released",
    "payment.replaced",
)
"""Passed only where something went wrong before, which the story does not bring about."""

ASIDE = (
    "approval.expired",
    "approval.given",
    "approval.refused",
    "approval.requested",
    "campaign.act_requested",
    "campaign.act_stored",
    "claim.stored",
    "dispute.refunded",
    "drop.stored",
    "events.handed_on",
    "expiry.reclaim_asked",
    "expiry.reminded",
    "order.batch_ended",
    "order.batch_stored",
    "order.consent_stored",
    "order.gathered_alone",
    "order.locked",
    "order.tender_recorded",
    "policy.change_approved",
    "policy.saved",
    "rebuild.dropped",
    "refund.payment_ended",
    "refund.requested",
    "refund.step_requested",
    "revocation.requested",
    "settlement.requested",
    "solana_pay.accepted",
    "swap.requested",
    "swap.step_signed",
    "swap.submitted",
    "trigger.granted",
    "voucher.transfer_requested",
    "webhook.sent",
)
"""Passed by acts that are no part of the demo: ending an approval, and a payment request of a till."""


def named_in_code() -> set[str]:
    """The names of all fault points in the program."""
    names: set[str] = set()
    for package in _PACKAGES:
        for file in (_ROOT / package).rglob("*.py"):
            if file == _ROOT / "persistence" / "faults.py":
                continue
            for call in _CALL.findall(file.read_text()):
                found = _NAME.findall(call)
                assert found, f"{file}: a fault point without a plain name: {call}"
                names.update(found)
    return names
