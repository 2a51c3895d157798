"""What an owner commits to beside payments of their own: another account carries it to the chain, or may carry it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from primitives.account_id import AccountId
from wallets.policy.facts import Leaving, PaymentFacts


@dataclass(frozen=True, slots=True)
class Commitment:
    """The rest of an order that vouchers do not cover, or a document that lets somebody take tokens.

    Attributes:
        act: `order.pay`, `dapp.sign`.
        account: Whose money it is.
        leaving: What may be taken by it, and by whom.
        subject: What it is about, by id: `{"order": …}` or `{"request": …}`.
        holding: Under which its share of limits is reserved: of one try to carry it out, while words count for all.
        readable: Whether `leaving` is all of it.
        called: The contract that an unreadable document is for.
        digest: 32 bytes, where more than the above makes it what it is: SHA-256 of what is signed.
        is_signature: Something is signed that nobody here carries to a chain.
    """

    tenant_id: UUID
    act: str
    account: AccountId
    leaving: tuple[Leaving, ...]
    subject: Mapping[str, str]
    holding: UUID
    readable: bool = True
    called: AccountId | None = None
    digest: bytes | None = None
    is_signature: bool = False

    @property
    def id(self) -> UUID:
        """Of exactly this, however often it is tried: words are said about it."""
        return uuid5(self.tenant_id, self.payload_hash.hex())

    @property
    def payload_hash(self) -> bytes:
        """32 bytes SHA-256 over all that makes it what it is."""
        return hash_of(self.to_json())

    @property
    def facts(self) -> PaymentFacts:
        """As rules look at it."""
        return PaymentFacts(
            payment_id=self.holding,
            tenant_id=self.tenant_id,
            act=self.act,
            signs="person",
            sender=self.account,
            leaving=self.leaving,
            readable=self.readable,
            called=self.called,
            is_signature=self.is_signature,
        )

    def to_json(self) -> dict[str, Any]:
        """Everything but `holding`; amounts as decimal text."""
        return {
            "v": 1,
            "tenant": str(self.tenant_id),
            "act": self.act,
            "account": str(self.account),
            "leaving": [
                {
                    "asset": str(one.asset),
                    "base_units": str(one.base_units),
                    "decimals": one.decimals,
                    "recipient": None if one.recipient is None else str(one.recipient),
                }
                for one in self.leaving
            ],
            "subject": dict(self.subject),
            "readable": self.readable,
            "called": None if self.called is None else str(self.called),
            "digest": None if self.digest is None else self.digest.hex(),
            "signature": self.is_signature,
        }


def hash_of(document: Mapping[str, Any]) -> bytes:
    """32 bytes SHA-256 over a commitment as JSON."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).digest()
