"""Swaps as they are asked for, planned and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from chains.evm.simulation import BalanceChange
from chains.intent import Intent, amount_from_json, amount_to_json
from chains.ports import Notice, Preview, Speed
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import AmountNotPositive
from wallets.engine.model import Failure, Payment, PaymentStatus

SignedBy = Literal["keystore", "outside"]


class SwapKind(StrEnum):
    SWAP = "swap"
    WRAP = "wrap"
    UNWRAP = "unwrap"


class StepKind(StrEnum):
    """One transaction each. RESET takes an earlier approval back first, for tokens that want it so."""

    RESET = "reset"
    APPROVE = "approve"
    SWAP = "swap"
    WRAP = "wrap"
    UNWRAP = "unwrap"


class StepStatus(StrEnum):
    AWAITING_SIGNATURE = "awaiting_signature"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (StepStatus.DONE, StepStatus.FAILED, StepStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class SwapDraft:
    """What was typed: an exact amount of one asset for as much as possible of another.

    Attributes:
        quantity: Of `sell`: base units (`int`), or units as people write them (`Decimal`).
        slippage_bps: How much less than expected may come out, in hundredths of a percent.
        lifetime_seconds: Of block time, after which the router refuses.
        accept_warnings: Codes of warnings that the person has read and accepted.
    """

    account: AccountId
    sell: AssetId
    buy: AssetId
    quantity: int | Decimal
    slippage_bps: int = 50
    lifetime_seconds: int = 1_200
    speed: Speed = Speed.NORMAL
    accept_warnings: frozenset[str] = frozenset()

    def amount(self, asset: Asset) -> Amount:
        """Raises AmountNotPositive, PrecisionLoss."""
        if self.quantity <= 0:
            raise AmountNotPositive("an amount to swap must be above zero")
        if isinstance(self.quantity, Decimal):
            return Amount.from_decimal(self.quantity, asset)
        return Amount(self.quantity, asset)

    def digest(self, signs: SignedBy) -> bytes:
        """32 bytes SHA-256 over what makes the swap what it is; accepted warnings do not."""
        document = [
            str(self.account),
            str(self.sell),
            str(self.buy),
            type(self.quantity).__name__,
            str(self.quantity),
            self.slippage_bps,
            self.lifetime_seconds,
            self.speed.value,
            signs,
        ]
        return hashlib.sha256(json.dumps(document).encode()).digest()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a swap was agreed to be.

    Attributes:
        expected: What the simulation said (where no node simulates: the router).
        least: Less than this, and the router refuses.
        path: Tokens from the sold to the bought one; empty for wrapping.
        price_impact_bps: Below the pools' present price by so much, pool fees included, in hundredths of a percent.
        deadline: Unix seconds of block time; None for wrapping, which never expires.
        router: Takes the sold tokens; None for wrapping.
        wrapped: The wrapped native coin.
        transfer_fees: A token on the way keeps part of what is transferred.
    """

    kind: SwapKind
    account: AccountId
    sell: Amount
    expected: Amount
    least: Amount
    path: tuple[AccountId, ...] = ()
    price_impact_bps: int = 0
    slippage_bps: int = 0
    deadline: int | None = None
    router: AccountId | None = None
    wrapped: AccountId | None = None
    transfer_fees: bool = False
    speed: Speed = Speed.NORMAL

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "account": str(self.account),
            "sell": amount_to_json(self.sell),
            "expected": amount_to_json(self.expected),
            "least": amount_to_json(self.least),
            "path": [str(one) for one in self.path],
            "price_impact_bps": self.price_impact_bps,
            "slippage_bps": self.slippage_bps,
            "deadline": self.deadline,
            "router": None if self.router is None else str(self.router),
            "wrapped": None if self.wrapped is None else str(self.wrapped),
            "transfer_fees": self.transfer_fees,
            "speed": self.speed.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Terms:
        return cls(
            kind=SwapKind(data["kind"]),
            account=AccountId.parse(data["account"]),
            sell=amount_from_json(data["sell"]),
            expected=amount_from_json(data["expected"]),
            least=amount_from_json(data["least"]),
            path=tuple(AccountId.parse(one) for one in data["path"]),
            price_impact_bps=data["price_impact_bps"],
            slippage_bps=data["slippage_bps"],
            deadline=data["deadline"],
            router=None if data["router"] is None else AccountId.parse(data["router"]),
            wrapped=None if data["wrapped"] is None else AccountId.parse(data["wrapped"]),
            transfer_fees=data["transfer_fees"],
            speed=Speed(data["speed"]),
        )


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One transaction of a plan. `preview`: its price; None where it can be known only once the one before landed."""

    kind: StepKind
    intent: Intent
    preview: Preview | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A swap that could be made now.

    Attributes:
        changes: What the account gives and gets, as simulated; None where no node simulates.
        warnings: What the person must accept before anything is signed.
    """

    terms: Terms
    steps: tuple[PlannedStep, ...]
    fee_limit: Amount
    changes: tuple[BalanceChange, ...] | None
    warnings: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of a swap that is kept.

    Attributes:
        payment: Of the engine, where the keystore signs.
        gas_limit: What an outside wallet should allow; None where it must estimate itself.
        raw, tx_hash: Of an outside wallet's transaction, once it is handed in.
        outside: Where that transaction stands.
    """

    number: int
    kind: StepKind
    intent: Intent
    payment: Payment | None
    gas_limit: int | None = None
    raw: bytes | None = None
    outside_hash: str | None = None
    outside: StepStatus = StepStatus.AWAITING_SIGNATURE
    outside_failure: Failure | None = None

    @property
    def status(self) -> StepStatus:
        if self.payment is None:
            return self.outside
        if self.payment.status is PaymentStatus.AWAITING_APPROVAL or self.payment.status is PaymentStatus.REQUESTED:
            return StepStatus.AWAITING_SIGNATURE
        return StepStatus(self.payment.status.value)

    @property
    def landed(self) -> bool:
        """Whether it is in a block, with effect, as far as is known."""
        if self.status is StepStatus.DONE:
            return True
        attempt = None if self.payment is None else self.payment.attempt
        return attempt is not None and attempt.landed and attempt.kind == "pay" and attempt.ok is not False

    @property
    def tx_hash(self) -> str | None:
        return self.outside_hash if self.payment is None else self.payment.tx_hash

    @property
    def failure(self) -> Failure | None:
        return self.outside_failure if self.payment is None else self.payment.failure


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap and its transactions in order, the last of which does it.

    Attributes:
        received: What came out, read from the final receipt; None before.
        failure: Why it was given up before its last transaction was signed.
    """

    id: UUID
    tenant_id: UUID
    terms: Terms
    signs: SignedBy
    steps: tuple[Step, ...]
    received: Amount | None
    failure: Failure | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def act(self) -> Step:
        return self.steps[-1]

    @property
    def status(self) -> StepStatus:
        """Of the whole: failed as soon as one transaction is, although an earlier one may be done."""
        statuses = [step.status for step in self.steps]
        for status in (StepStatus.FAILED, StepStatus.CANCELLED):
            if status in statuses:
                return StepStatus.FAILED if self.failure is not None else status
        if self.act.status is StepStatus.DONE:
            return StepStatus.DONE
        waits = StepStatus.AWAITING_SIGNATURE
        return waits if waits in statuses else StepStatus.IN_FLIGHT

    @property
    def cancelling(self) -> bool:
        """Whether the newest transaction of its last step makes it never happen."""
        payment = self.act.payment
        return payment is not None and payment.cancelling

    @property
    def told_failure(self) -> Failure | None:
        return self.failure or next((step.failure for step in self.steps if step.failure is not None), None)
