"""Transfers as a holder asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import AmountNotPositive, InvalidAddress


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """What was typed.

    Attributes:
        recipient: An address of the sender's chain, or a CAIP-10 account on it.
        quantity: Base units (`int`), or units as people write them (`Decimal`).
    """

    sender: AccountId
    recipient: str
    asset: AssetId
    quantity: int | Decimal

    def recipient_account(self) -> AccountId:
        """Raises InvalidAddress, for another chain's as well."""
        chain = self.sender.chain
        if ":" not in self.recipient:
            return AccountId.of(chain, self.recipient)
        named, _, address = self.recipient.rpartition(":")
        if named != str(chain):
            raise InvalidAddress(
                f"{self.recipient} is not on {chain}: a transfer stays on its chain", address=self.recipient
            )
        return AccountId.of(chain, address)

    def amount(self, asset: Asset) -> Amount:
        """Raises AmountNotPositive, PrecisionLoss."""
        if self.quantity <= 0:
            raise AmountNotPositive("an amount to transfer must be above zero")
        if isinstance(self.quantity, Decimal):
            return Amount.from_decimal(self.quantity, asset)
        return Amount(self.quantity, asset)


@dataclass(frozen=True, slots=True)
class TransferPreview:
    """What a transfer would do now: at most `amount` and `fee_limit` leave the account."""

    sender: AccountId
    recipient: AccountId
    amount: Amount
    fee_limit: Amount
    balance: Amount
