"""A payment that is asked for, whichever way it was written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from primitives.account_id import AccountId
from primitives.asset import Amount, Asset


class LinkForm(StrEnum):
    EIP681 = "eip681"
    SOLANA_PAY = "solana_pay"
    ACCOUNT = "account"
    """A bare address, or an account as CAIP-10 writes it."""


@dataclass(frozen=True, slots=True)
class AskedPayment:
    """Attributes:
    amount: None: the payer chooses.
    asset: None: the payer chooses (of a bare address).
    references: Solana keys (base58) that the payment must name; a plain transfer from here cannot.
    own: The recipient is an account of the reader's.
    known_as: What the reader's address book calls the recipient.
    """

    form: LinkForm
    recipient: AccountId
    asset: Asset | None
    amount: Amount | None
    label: str | None = None
    message: str | None = None
    memo: str | None = None
    references: tuple[str, ...] = ()
    own: bool = False
    known_as: str | None = None


@dataclass(frozen=True, slots=True)
class MadeRequest:
    """A link for a QR code, and what it asks for."""

    link: str
    form: LinkForm
    recipient: AccountId
    asset: Asset
    amount: Amount | None
