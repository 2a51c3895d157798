"""Payments and attempts as the engine keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Bid, Speed
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.canonical_json import canonical_json
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, QuanbaoError
from primitives.position import Finality

Signs = Literal["service", "person"]
AttemptKind = Literal["pay", "void"]
"""`void` uses the nonce up without effect, so that the payment never happens."""
MAX_PRESIGNED = 3


class PaymentStatus(StrEnum):
    """requested → awaiting_approval → awaiting_signature → in_flight → done / failed / cancelled."""

    REQUESTED = "requested"
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_SIGNATURE = "awaiting_signature"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (PaymentStatus.DONE, PaymentStatus.FAILED, PaymentStatus.CANCELLED)


class AttemptStatus(StrEnum):
    """signed → sent → included → final / dead; a reorg puts included back to sent."""

    SIGNED = "signed"
    SENT = "sent"
    INCLUDED = "included"
    FINAL = "final"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Somebody's will that a payment happen.

    Attributes:
        tenant_id: Whose payment; idempotency keys are per tenant.
        idempotency_key: 1 to 200 characters, kept for ever; the same key means the same payment.
        act: Why, in the caller's words (`transfer`, `campaign.launch`); the key's audit log carries it.
        signs: `service`: a worker signs with the service keys. `person`: the caller calls `Engine.authorise` with the
            unlocked person's signer.
        on_end: Job kind that is told the end: key = payment id, payload {payment_id, status, reference}.
        reference: The caller's own JSON object, handed back at the end.
        speed: How soon it shall be included; decides the fee.
        budgets: Names of gas budgets that its fee counts against (`campaign:…`, `holder:…`).
        asked_by: Which member asked for an organisation's payment: never one of those who approve it.
    """

    tenant_id: UUID
    idempotency_key: str
    intent: Intent
    act: str
    signs: Signs = "service"
    on_end: str | None = None
    reference: Mapping[str, Any] = field(default_factory=dict)
    retry_of: UUID | None = None
    speed: Speed = Speed.NORMAL
    budgets: tuple[str, ...] = ()
    asked_by: UUID | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.idempotency_key) <= 200:
            raise InvalidValue("an idempotency key has 1 to 200 characters")

    def payload_hash(self) -> bytes:
        """32 bytes SHA-256 over everything that makes the payment what it is."""
        document: dict[str, Any] = {
            "v": 1,
            "intent": self.intent.to_json(),
            "act": self.act,
            "signs": self.signs,
            "on_end": self.on_end,
            "reference": dict(self.reference),
            "retry_of": None if self.retry_of is None else str(self.retry_of),
        }
        # Written only where they say something, so that the keys of earlier versions keep their payloads.
        if self.speed is not Speed.NORMAL:
            document["speed"] = self.speed.value
        if self.budgets:
            document["budgets"] = list(self.budgets)
        if self.asked_by is not None:
            document["asked_by"] = str(self.asked_by)
        return hashlib.sha256(canonical_json(document)).digest()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed: an error of the tree, kept. Integers among the facts are decimal strings."""

    code: str
    message: str
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, error: QuanbaoError) -> Failure:
        return cls(error.code, error.message, {name: _plain(value) for name, value in error.facts.items()})

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "facts": dict(self.facts)}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed transaction of a payment.

    Attributes:
        raw: The bytes that are broadcast, again and again, unchanged.
        height, tx_index, block_hash, block_time, ok, reason, finality, fee_paid: Of the newest receipt; None before it.
        broadcasts: How often a node took the bytes.
        last_error: What the last refused broadcast said.
        refusals: How often nodes refused it since one last took it.
        bid: What it offers per gas (EVM).
        reserve: Signed beforehand by the holder, and kept back until the fee of the one before is too low.
    """

    id: UUID
    payment_id: UUID
    number: int
    status: AttemptStatus
    chain: ChainId
    tx_hash: str
    raw: bytes
    nonce: int | None
    last_valid_height: int | None
    broadcasts: int
    last_error: str | None
    height: int | None
    tx_index: int | None
    block_hash: bytes | None
    block_time: int | None
    ok: bool | None
    reason: str | None
    finality: Finality | None
    fee_paid: Amount | None
    signed_at: datetime
    sent_at: datetime | None
    kind: AttemptKind = "pay"
    bid: Bid | None = None
    reserve: bool = False
    refusals: int = 0

    @property
    def landed(self) -> bool:
        return self.status in (AttemptStatus.INCLUDED, AttemptStatus.FINAL)


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment and its attempts.

    Attributes:
        attempt: The one that landed, else the newest that is not kept in reserve; None before the signature.
        attempts: All of them, newest first.
    """

    id: UUID
    tenant_id: UUID
    idempotency_key: str
    intent: Intent
    act: str
    chain: ChainId
    sender: AccountId
    signs: Signs
    on_end: str | None
    reference: Mapping[str, Any]
    status: PaymentStatus
    needs_holder: bool
    fee_blocked: bool
    failure: Failure | None
    retry_of: UUID | None
    nonce: int | None
    fee_asset: Asset
    fee_limit: Amount | None
    created_at: datetime
    ended_at: datetime | None
    attempt: Attempt | None
    attempts: tuple[Attempt, ...] = ()
    speed: Speed = Speed.NORMAL
    budgets: tuple[str, ...] = ()
    asked_by: UUID | None = None

    @property
    def cancelling(self) -> bool:
        """Whether the newest attempt makes the payment never happen."""
        return not self.status.ended and self.attempt is not None and self.attempt.kind == "void"

    @property
    def tx_hash(self) -> str | None:
        return None if self.attempt is None else self.attempt.tx_hash

    @property
    def height(self) -> int | None:
        return None if self.attempt is None else self.attempt.height

    @property
    def block_hash(self) -> bytes | None:
        return None if self.attempt is None else self.attempt.block_hash

    @property
    def finality(self) -> Finality | None:
        return None if self.attempt is None else self.attempt.finality

    @property
    def fee_paid(self) -> Amount | None:
        return None if self.attempt is None else self.attempt.fee_paid


def new_payment(
    payment_id: UUID, request: PaymentRequest, status: PaymentStatus, native: Asset, created_at: datetime
) -> Payment:
    """As it stands in the table when it has just been stored."""
    return Payment(
        id=payment_id,
        tenant_id=request.tenant_id,
        idempotency_key=request.idempotency_key,
        intent=request.intent,
        act=request.act,
        chain=request.intent.chain,
        sender=request.intent.sender,
        signs=request.signs,
        on_end=request.on_end,
        reference=dict(request.reference),
        status=status,
        needs_holder=False,
        fee_blocked=False,
        failure=None,
        retry_of=request.retry_of,
        nonce=None,
        fee_asset=native,
        fee_limit=None,
        created_at=created_at,
        ended_at=None,
        attempt=None,
        speed=request.speed,
        budgets=tuple(request.budgets),
        asked_by=request.asked_by,
    )


@dataclass(frozen=True, slots=True)
class Spending:
    """What a payment can take out of its account at most, in base units: `native` includes `fee`."""

    native: int
    fee: int
    asset: AssetId | None = None
    amount: int = 0

    @classmethod
    def of(cls, intent: Intent, fee_limit: Amount) -> Spending:
        fee = fee_limit.base_units
        match intent.action:
            case Transfer(amount, _) if amount.asset.id.is_native:
                return cls(fee + amount.base_units, fee)
            case Transfer(amount, _):
                return cls(fee, fee, amount.asset.id, amount.base_units)
            case ContractCall(_, _, value):
                return cls(fee + value, fee)
            case _:
                return cls(fee, fee)
