"""The one tree of errors.

    QuanbaoError
      InvalidValue (also ValueError)
        InvalidAddress · InvalidMnemonic · InvalidShares · InvalidDerivationPath · InvalidKeyFile · PrecisionLoss
        AssetMismatch
        UnknownAsset · AmountNotPositive · InvalidTerms · InvalidRows · PaymentLinkRefused · InvalidPolicy
        GoodsUnknown · StoreUnknown
      KeystoreError
        KeystoreLocked · WrongPassphrase · KeyNotFound · SigningRefused (AccountFrozen · RiskRefused) · SealBroken
        BackupNotConfirmed · WalletBackedUp · AuditUnavailable*
      ChainError
        NodeUnavailable* · ChainMismatch · NonceTooLow* · InsufficientFunds · TransactionReverted · TransactionExpired*
        TransactionRejected · UnknownChain · FeeTooLow* · FeatureUnavailable · SwapUnavailable · RecipientCannotReceive
        (and ContractRefused with a class for each custom error of the voucher contract: contract_errors.py)
      PaymentError
        PaymentNotFound · IdempotencyConflict · PaymentNotRetryable · PaymentNotReplaceable · LaneBusy* · LaneHalted
        GasBudgetExhausted · WarningNotAccepted
      PolicyError
        PolicyRefused · ApprovalNeeded · ApprovalRefused
      PriceError
        PriceUnavailable* · PriceStale*
      VoucherError
        CampaignNotFound · CampaignNotActive · CampaignExhausted · VoucherNotFound · VoucherAlreadyRedeemed
        VoucherExpired · NotVoucherHolder · OrderNotFound · OrderNotPayable · QuoteExpired · LedgerDiverged
        RedemptionRefused · VoucherInFlight · GiftOutOfStock · PointsNotEnough · ClaimCodeInvalid
      PersonError
        LoginFailed · SecondFactorRequired · NotAuthenticated · NotPermitted · NotFound
        TooManyAttempts · OneTimeUsed · PersonErased · ConsentMissing · IdentityLevelTooLow · WebhookOff · CaseClosed
      AuditError
        ProofUnavailable · ProofRejected
      OperationError
        PortTaken · DataFolderNewer · DataFolderBusy · DiskFull* · DatabaseUnavailable* · MissingPart
        LeaseLost* · LocalnetError · MailUnavailable*

(* retryable: the same request may succeed later without a change.)

Each class has a stable `code`, a `retryable` flag, and keeps its facts in `facts` and as attributes.
No message contains a secret. HTTP statuses live only in `api/errors.py`.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar


class QuanbaoError(Exception):
    """Base of every error that we raise on purpose.

    Keyword facts become attributes (`error.needed`) and travel to the caller; values must be JSON-renderable
    with `str()` and must never be secret.
    """

    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "quanbao_error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __getattr__(self, name: str) -> Any:
        facts = self.__dict__.get("facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(name)


class InvalidValue(QuanbaoError, ValueError):
    """The text or number cannot be what it should be."""


class InvalidAddress(InvalidValue):
    """Not an address of the named chain."""


class InvalidMnemonic(InvalidValue):
    """Wrong word, count or checksum; names the position, never the words."""


class InvalidShares(InvalidValue):
    """SLIP-39 shares that are malformed, too few, or do not belong together; `part` and `share` say which."""


class InvalidDerivationPath(InvalidValue):
    """A level out of range, or a soft level where the curve has none."""


class InvalidKeyFile(InvalidValue):
    """A key or keystore file that cannot be read."""


class PrecisionLoss(InvalidValue):
    """More decimals than the asset has."""


class AssetMismatch(InvalidValue):
    """Arithmetic between amounts of two assets."""


class UnknownAsset(InvalidValue):
    """An asset that the chain or the registry does not know."""


class AmountNotPositive(InvalidValue):
    """Zero or negative where something must move."""


class InvalidRows(InvalidValue):
    """Rows of a file that cannot be used; `rows` names each with its number and the reason. Nothing was done."""


class PaymentLinkRefused(InvalidValue):
    """A scanned or pasted text that asks for no payment that can be made here; `reason` says why: `scheme`, `chain`,
    `malformed`, `name`, `function`, `amount` or `server`."""


class InvalidTerms(InvalidValue):
    """Campaign terms that are impossible or contradict each other; `field` names the place."""


class GoodsUnknown(InvalidValue):
    """Goods that the shop's catalogue does not have, or not in this currency; `skus` names them."""


class StoreUnknown(InvalidValue):
    """A place that is none of the shop's stores, or a closed one; `store`."""


class InvalidPolicy(InvalidValue):
    """Rules that are malformed, contradict each other, or can never apply; `field` names the place."""


class KeystoreError(QuanbaoError):
    """Branch of the custody module."""


class KeystoreLocked(KeystoreError):
    """No valid unlock token: unlock first."""


class WrongPassphrase(KeystoreError):
    """The passphrase does not open the vault."""


class KeyNotFound(KeystoreError):
    """No such key for this owner."""


class SigningRefused(KeystoreError):
    """Key policy said no; `rule` names which."""


class AccountFrozen(SigningRefused):
    """Nothing is signed for a frozen account; `freeze` names what must be released first."""


class RiskRefused(SigningRefused):
    """The risk rules ask for a word first; `alert`, `score` and `rules` say which, `frozen` whether the account is."""


class SealBroken(KeystoreError):
    """A sealed record was changed, truncated, swapped or belongs elsewhere; `record` names it."""


class BackupNotConfirmed(KeystoreError):
    """The act needs a confirmed backup first."""


class WalletBackedUp(KeystoreError):
    """The words are shown only until their owner has proved to have them."""


class AuditUnavailable(KeystoreError):
    """The audit log cannot be written, so nothing is signed."""

    retryable = True


class ChainError(QuanbaoError):
    """Branch of everything that a node told us."""


class NodeUnavailable(ChainError):
    """No endpoint of the chain answered; the chain said nothing about the request."""

    retryable = True


class ChainMismatch(ChainError):
    """The node serves another chain than the one configured."""


class UnknownChain(ChainError):
    """No configured chain has this id."""


class NonceTooLow(ChainError):
    """The account has already used this nonce."""

    retryable = True


class FeeTooLow(ChainError):
    """The node wants a higher fee for this (replacement) transaction."""

    retryable = True


class InsufficientFunds(ChainError):
    """`needed` and `available`, in base units of `asset`."""


class TransactionReverted(ChainError):
    """The chain executed and refused; `reason` is decoded where we know it."""


class TransactionRejected(ChainError):
    """The node refused the bytes for good."""


class TransactionExpired(ChainError):
    """The blockhash window closed before the transaction landed."""

    retryable = True


class FeatureUnavailable(ChainError):
    """The chain lacks something that the act needs; `feature` names it."""


class SwapUnavailable(ChainError):
    """No pools lead from one asset to the other for this amount."""


class RecipientCannotReceive(ChainError):
    """The recipient is a contract that does not take tokens of this kind."""


class PaymentError(QuanbaoError):
    """Branch of the transaction engine."""


class PaymentNotFound(PaymentError):
    """No such payment for this caller."""


class IdempotencyConflict(PaymentError):
    """The key was already used with another request."""


class PaymentNotRetryable(PaymentError):
    """Only a failed or cancelled payment may be retried."""


class PaymentNotReplaceable(PaymentError):
    """Nothing is left to speed up or cancel; `status` says where it stands."""


class LaneBusy(PaymentError):
    """As many payments of the account are in flight as are allowed; `limit`."""

    retryable = True


class LaneHalted(PaymentError):
    """The chain took back what was final, or a backup was restored: an operator must look first."""


class GasBudgetExhausted(PaymentError):
    """The campaign or the holder has used up the fees that others pay for; `limit` and `used`."""


class WarningNotAccepted(PaymentError):
    """`warnings` lists codes that `accept_warnings` must name before this is signed."""


class PolicyError(QuanbaoError):
    """Branch of the product policy: rules, limits, approvals."""


class PolicyRefused(PolicyError):
    """A rule of the account's owner denies the payment; `rule` and `reasons` say which and why."""


class ApprovalNeeded(PolicyError):
    """Nobody may sign yet: the payment waits for approvals or for a second factor; `needs` and `until`."""


class ApprovalRefused(PolicyError):
    """This word does not count: `reason` is `payload_changed`, `expired`, `own_payment`, `not_approver`…"""


class PriceError(QuanbaoError):
    """Branch of what assets are worth."""


class PriceUnavailable(PriceError):
    """Nobody says what the asset is worth; limits in a currency then refuse."""

    retryable = True


class PriceStale(PriceError):
    """The newest price is too old to be used; `at`, `source` and `max_age_seconds`."""

    retryable = True


class VoucherError(QuanbaoError):
    """Branch of campaigns, vouchers and orders."""


class CampaignNotFound(VoucherError):
    """No such campaign for this caller."""


class CampaignNotActive(VoucherError):
    """The campaign is not in the state that the act needs; `status` says which it is in."""


class CampaignExhausted(VoucherError):
    """The cap is reached; `cap` and `issued`."""


class ClaimCodeInvalid(VoucherError):
    """The claim code is wrong, unknown, used up or closed; the text is the same for all of them."""


class VoucherNotFound(VoucherError):
    """No such voucher for this caller."""


class VoucherAlreadyRedeemed(VoucherError):
    """Redeemed before; `redemption` where known."""


class VoucherInFlight(VoucherError):
    """Another order is redeeming it right now; it comes back if that fails."""


class VoucherExpired(VoucherError):
    """Outside its window; `valid_from` and `valid_until`."""


class NotVoucherHolder(VoucherError):
    """The voucher belongs to another account."""


class OrderNotFound(VoucherError):
    """No such order for this caller."""


class OrderNotPayable(VoucherError):
    """The order is paid, cancelled or in flight; `status` says which."""


class QuoteExpired(VoucherError):
    """Ask for a new quote."""


class OrderLocked(VoucherError):
    """Another quote holds the order or a voucher for a while; `until` says how long."""


class PresentmentNotFound(VoucherError):
    """No such code, used before, or too old: one answer for all."""


class TenderMismatch(VoucherError):
    """What the merchant entered is not what is left to pay; `expected` in minor units."""


class NotRefundable(VoucherError):
    """Nothing of it can be given back, or not so much; `reason` says why."""


class RefundNotFound(VoucherError):
    """No such refund for this caller."""


class MerchantNotOfCampaign(VoucherError):
    """The campaign's terms name other merchants."""


class TransferForbidden(VoucherError):
    """The campaign's terms do not let this voucher change hands (again); `policy` says which they are."""


class DisputeClosed(VoucherError):
    """The dispute has ended, or there is one already; `status` says which."""


class RedemptionNotFound(VoucherError):
    """No such redemption for this caller."""


class GiftOutOfStock(VoucherError):
    """The shop has not so many units of a gift left; `sku`, `needed`, `available`."""


class PointsNotEnough(VoucherError):
    """The holder has not so many points to spend; `needed`, `available`."""


class RedemptionRefused(VoucherError):
    """The redemption authority did not co-sign; `rule` names why."""


class LedgerDiverged(VoucherError):
    """Chain facts contradict the ledger."""


class PersonError(QuanbaoError):
    """Branch of identity and roles."""


class LoginFailed(PersonError):
    """E-mail and password do not match; the text is the same for an unknown address."""


class SecondFactorRequired(LoginFailed):
    """The password is right; send `code` too, or use a passkey: `methods` lists what the person has."""


class NotAuthenticated(PersonError):
    """No valid session or key."""


class NotPermitted(PersonError):
    """The caller's role does not allow this; `rule` names what does."""


class NotFound(PersonError):
    """No such thing for this caller."""


class TooManyAttempts(PersonError):
    """Wait `retry_after_seconds`."""

    retryable = True


class OneTimeUsed(PersonError):
    """A one-time link, invitation or challenge that is unknown, used, revoked or expired: ask for a new one."""


class PersonErased(PersonError):
    """The person's data were erased; nobody can read them any more."""


class WebhookOff(PersonError):
    """The webhook is switched off; `status` says whether by its organisation or because it failed for too long."""


class CaseClosed(PersonError):
    """The case is closed; open another one."""


class ConsentMissing(PersonError):
    """The person has not agreed to this use of personal data; `purpose` names it."""


class IdentityLevelTooLow(PersonError):
    """The act needs a higher identity level; `needed` and `have`."""


class AuditError(QuanbaoError):
    """Branch of provenance and proofs."""


class ProofUnavailable(AuditError):
    """The facts are not final yet, or the node no longer has them."""


class ProofRejected(AuditError):
    """The bundle does not prove what it claims; `check` names the first failed check."""


class OperationError(QuanbaoError):
    """Branch of running the program."""


class PortTaken(OperationError):
    """`port` is held by `holder`."""


class DataFolderNewer(OperationError):
    """The data was written by a newer version."""


class DataFolderBusy(OperationError):
    """Another process uses the data folder; `pid`."""


class DiskFull(OperationError):
    """The disk has no room; nothing was half-done."""

    retryable = True


class DatabaseUnavailable(OperationError):
    """PostgreSQL does not answer."""

    retryable = True


class BackupDamaged(OperationError):
    """The file is no backup, was changed, or was sealed with another key file; nothing was restored."""


class MissingPart(OperationError):
    """A program or file that set-up brings is absent; `mend` is the command that brings it."""


class LeaseLost(OperationError):
    """Another worker took the job over; this one must write nothing more."""

    retryable = True


class LocalnetError(OperationError):
    """A local test node could not start or answer."""


class MailUnavailable(OperationError):
    """The mail server did not take the message; it is sent again later."""

    retryable = True
