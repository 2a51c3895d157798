"""What is kept of rules, decisions and approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wallets.policy.rules import Document, Limit, Outcome


@dataclass(frozen=True, slots=True)
class Version:
    """Rules that an owner saved.

    Attributes:
        loosens: Ids of earlier rules that these hold less strictly; empty: they counted at once.
        effective_at: From when on they count; in the future while a loosening waits.
        approved_by: Who else agreed, so that the wait was cut short.
    """

    id: UUID
    tenant_id: UUID
    document: Document
    created_by: UUID
    created_at: datetime
    effective_at: datetime
    loosens: tuple[str, ...]
    approved_by: UUID | None


@dataclass(frozen=True, slots=True)
class PolicyState:
    """`current` None: the default rules count. `waiting`: a loosening whose time has not come."""

    document: Document
    current: Version | None
    waiting: Version | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules said of a payment, once.

    Attributes:
        payment_id: None for what is no payment of the owner's own; `subject` then names it: `{"order": …}`, or
            `{"request": …}` of a dApp.
        policy_id: The version that was asked; None: the default rules.
        leaving: What was read from the act: asset, base units and recipient of each part.
        reasons: What each rule that spoke said, as stored.
    """

    id: UUID
    tenant_id: UUID
    payment_id: UUID | None
    act: str
    account: str
    outcome: Outcome
    leaving: Sequence[Mapping[str, Any]]
    reasons: Sequence[Mapping[str, Any]]
    policy_id: UUID | None
    risk: int | None
    decided_at: datetime
    subject: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LimitUsed:
    """How much of a limit is used: `used` holds what was signed in the window, whether or not it is final.

    Attributes:
        since: When the window began; None for a limit on single payments, of which nothing is used.
    """

    limit: Limit
    used: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A payment that waits for words.

    Attributes:
        payload_hash: 32 bytes; a word counts for exactly this.
        needs: What was missing when it was last asked: the reasons whose effect was `approval` or `second_factor`.
        words: Who has agreed so far.
        commitment: What it is about, as JSON, where it is no payment of the owner's own; `payment_id` is then its id.
    """

    payment_id: UUID
    tenant_id: UUID
    payload_hash: bytes
    needs: Sequence[Mapping[str, Any]]
    created_at: datetime
    expires_at: datetime
    words: Sequence[UUID] = ()
    commitment: Mapping[str, Any] | None = None

    @property
    def approvers(self) -> frozenset[UUID]:
        """Whose approval was asked for."""
        listed = (one["facts"].get("approvers", ()) for one in self.needs if one["kind"] == "approval")
        return frozenset(UUID(person) for persons in listed for person in persons)

    @property
    def needs_proof(self) -> bool:
        """Whether the payer's second factor was asked for."""
        return any(one["effect"] == Outcome.SECOND_FACTOR.value for one in self.needs)
