"""Acts that answer before they have ended, by the names of their operations: where to look, and what their end is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api.cli.acts.waiting import follow
from primitives.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class LongAct:
    """How one is followed.

    Attributes:
        path: Of what is asked again; filled from the act's arguments and its answer.
        steps: Statuses in the order in which they come, the good end last.
        others: Further ends, and statuses in which it waits for somebody's word.
        status: Where the status stands in what is read (`order.status`).
        listed: What is read is a list, in which the answer's `id` finds it.
    """

    path: str
    steps: tuple[str, ...]
    others: tuple[str, ...] = ("failed",)
    status: str = "status"
    listed: bool = False

    @property
    def ends(self) -> tuple[str, ...]:
        return (self.steps[-1], *self.others)


_STOPPED = ("failed", "cancelled", "awaiting_signature", "awaiting_approval")
_PAYING = ("requested", "in_flight", "done")
_TRANSFER = LongAct("/transfers/{id}", _PAYING, _STOPPED)
_SWAP = LongAct("/swaps/{id}", _PAYING, _STOPPED)
_DAPP = LongAct("/dapps/requests/{id}", ("in_flight", "done"), ("failed", "cancelled"), status="payment_status")
_CLAIM = LongAct("/claims/mine/{id}", ("requested", "issued"))
_ISSUANCE = LongAct("/campaigns/{campaign_id}/issuances/{id}", ("requested", "in_flight", "done"))
_ORDER = LongAct(
    "/orders/{order_id}", ("pending", "paid"), ("open", "awaiting_tender", "cancelled"), status="order.status"
)
_REFUND = LongAct("/orders/{order}/refunds", ("pending", "done"), ("owing",), listed=True)

LONG_ACTS: Mapping[str, LongAct] = {
    "create-transfer": _TRANSFER,
    "retry-transfer": _TRANSFER,
    "speed-up-transfer": _TRANSFER,
    "cancel-transfer": _TRANSFER,
    "create-swap": _SWAP,
    "wrap-coin": _SWAP,
    "unwrap-coin": _SWAP,
    "submit-step": _SWAP,
    "cancel-swap": _SWAP,
    "give-approval": LongAct("/token-approvals/given/{id}", _PAYING, _STOPPED),
    "revoke-approval": LongAct("/token-approvals/revocations/{id}", _PAYING, _STOPPED),
    "speed-up-request": _DAPP,
    "cancel-request": _DAPP,
    "launch-campaign": LongAct("/campaigns/{campaign_id}", ("draft", "launching", "active")),
    "pause-campaign": LongAct("/campaigns/{campaign_id}", ("active", "paused"), ("ended", "failed")),
    "resume-campaign": LongAct("/campaigns/{campaign_id}", ("paused", "active"), ("ended", "failed")),
    "issue-vouchers": _ISSUANCE,
    "issue-from-file": _ISSUANCE,
    "issue-to-segment": _ISSUANCE,
    "commit-drop": LongAct("/campaigns/{campaign_id}/drops/{chain}/{number}", ("committing", "committed")),
    "claim-voucher": _CLAIM,
    "claim-ticket": _CLAIM,
    "claim-from-drop": _CLAIM,
    "claim-welcome": _CLAIM,
    "pay-order": _ORDER,
    "submit-order": _ORDER,
    "refund-order": _REFUND,
    "retry-refund": _REFUND,
}


def long_act(operation: str) -> LongAct:
    """Raises InvalidValue: its answer is its end, or nothing of it can be asked again."""
    if operation not in LONG_ACTS:
        raise InvalidValue(f"{operation} has nothing to wait for: leave --wait out")
    return LONG_ACTS[operation]


def follow_act(operation: str, given: Mapping[str, Any], answer: Mapping[str, Any]) -> Any:
    """Wait for the end of an act that was answered; what there is then.

    Raises:
        InvalidValue: As `long_act`.
        OperationError: It has not ended within ten minutes; it goes on without us.
    """
    act = long_act(operation)
    known = {name: quote(str(value), safe=":") for name, value in {**answer, **given}.items()}

    def found(read: Mapping[str, Any]) -> Any:
        return next((one for one in read["items"] if one["id"] == answer["id"]), answer) if act.listed else read

    def status(read: Mapping[str, Any]) -> str:
        value: Any = found(read)
        for name in act.status.split("."):
            value = value[name]
        return str(value)

    return found(follow(act.path.format_map(known), operation.replace("-", " "), status, act.steps, act.ends))
