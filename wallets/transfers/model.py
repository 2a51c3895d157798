"""Transfers as a holder asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chains.evm.simulation import BalanceChange
from chains.ports import Notice, Speed
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import AmountNotPositive, InvalidAddress


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """What was typed.

    Attributes:
        recipient: An address of the sender's chain, or a CAIP-10 account on it.
        quantity: Base units (`int`), or units as people write them (`Decimal`).
        speed: How soon it shall be included.
        accept_warnings: Codes of warnings that the sender has read and accepted.
        presign: Replacements to sign along, 0 to 3, for the time when the keys are locked.
        presign_fee_limit: The most that the last of them may cost, in base units of the native coin.
    """

    sender: AccountId
    recipient: str
    asset: AssetId
    quantity: int | Decimal
    speed: Speed = Speed.NORMAL
    accept_warnings: frozenset[str] = frozenset()
    presign: int = 0
    presign_fee_limit: int = 0

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
    """What a transfer would do now: at most `amount` and `fee_limit` leave the account.

    Attributes:
        warnings: What the sender must accept before it is signed.
        expected_seconds: Until inclusion; None where the chain does not tell.
        data_fee: Part of the fee limit that a rollup charges for the transaction's bytes.
        changes: Of both accounts' balances, fees aside, as simulated; None where no node simulates.
    """

    sender: AccountId
    recipient: AccountId
    amount: Amount
    fee_limit: Amount
    balance: Amount
    warnings: tuple[Notice, ...] = ()
    expected_seconds: int | None = None
    data_fee: Amount | None = None
    changes: tuple[BalanceChange, ...] | None = None
