"""Requests of dApps that wait for the person, and the errors that dApps are answered with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chains.evm.simulation import BalanceChange
from primitives.account_id import AccountId
from primitives.errors import QuanbaoError
from wallets.engine.model import Payment


class AskedFor(StrEnum):
    PAYMENT = "payment"
    MESSAGE = "message"
    TYPED_DATA = "typed_data"


class Word(StrEnum):
    """pending → accepted / refused / expired."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


class ProviderCode:
    """Numbers of EIP-1193, EIP-3326 and EIP-1474."""

    REFUSED_BY_PERSON = 4001
    UNAUTHORIZED = 4100
    UNSUPPORTED_METHOD = 4200
    CHAIN_DISCONNECTED = 4901
    UNKNOWN_CHAIN = 4902
    INVALID_PARAMS = -32602
    INTERNAL = -32603
    REJECTED = -32003
    LIMIT_EXCEEDED = -32005


class ProviderError(QuanbaoError):
    """The `error` member of an answer to a dApp.

    Attributes:
        number: One of `ProviderCode`, or what the node said.
        data: Further facts, plain JSON.
    """

    def __init__(self, number: int, message: str, data: Any = None) -> None:
        super().__init__(message, number=number)
        self.number = number
        self.data = data


@dataclass(frozen=True, slots=True)
class Ask:
    """What a dApp wants.

    Attributes:
        payload: PAYMENT: the intent as JSON. MESSAGE: `{"hex": …}`. TYPED_DATA: `{"document": <JSON text>}`.
        summary: In plain words, from the decoded payload.
        changes: What a payment would change, as simulated when it was asked for.
    """

    session_id: UUID
    account: AccountId
    kind: AskedFor
    payload: Mapping[str, Any]
    summary: str
    changes: tuple[BalanceChange, ...] | None = None

    def digest(self) -> bytes:
        """32 bytes SHA-256: a request that is repeated while it waits is the same request."""
        document = [str(self.session_id), str(self.account), self.kind.value, dict(self.payload)]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class DappRequest:
    """An ask and what became of it.

    Attributes:
        signature: 65 bytes r ‖ s ‖ v (27 or 28), of an accepted message or document.
        payment: Of an accepted payment.
        changes: What a payment would have changed when it was asked for; None where no node simulates.
    """

    id: UUID
    tenant_id: UUID
    account: AccountId
    kind: AskedFor
    payload: Mapping[str, Any]
    summary: str
    word: Word
    signature: bytes | None
    payment_id: UUID | None
    created_at: datetime
    expires_at: datetime
    payment: Payment | None = None
    changes: tuple[BalanceChange, ...] | None = None
