"""What the voucher contract refuses, one class for each of its custom errors: the tree's branch `ContractRefused`.

A class is called as the contract's error, its facts are the error's arguments, and `reason` is the error as the chain
told it. Where the tree has a class of the same meaning, the contract's is also one of that kind. The docstring's first
paragraph is the message. `docs/contract-errors.md` lists them; `chains/evm/reverts.py` makes them out of revert data.
"""

from __future__ import annotations

from primitives import errors as tree
from primitives.errors import TransactionReverted


class ContractRefused(TransactionReverted):
    """The contract executed the call and refused it; `reason` is its error as the chain told it."""


# ------------------------------------------------------------------------------------------------------- campaigns


class CampaignAlreadyExists(ContractRefused):
    """A campaign with these rules, issuers and salt exists already: use another salt."""


class CampaignNotFound(tree.CampaignNotFound, ContractRefused):
    """The campaign was never created on this chain: launch it first."""


class InvalidTerm(ContractRefused):
    """The term is impossible or contradicts another one: correct it."""


class NotIssuer(ContractRefused):
    """Only the campaign's issuer may do this: send it from the issuer's account."""


class NotFunder(ContractRefused):
    """Only the campaign's funder may do this: send it from the funder's account."""


class PowerNotDeclared(ContractRefused):
    """The terms did not declare this power, so nobody has it."""


class CapExceeded(tree.CampaignExhausted, ContractRefused):
    """More vouchers than the campaign may ever issue: issue fewer, or launch a new campaign."""


class NotNextNumber(ContractRefused):
    """Vouchers are numbered without gaps, and another number is next: read how many are issued, and go on there."""


class UnderFunded(ContractRefused):
    """The escrow does not cover every voucher: fund the campaign first."""


class OutsideWindow(tree.VoucherExpired, ContractRefused):
    """It is not the time for this: see from when until when it is."""


class CampaignPaused(tree.CampaignNotActive, ContractRefused):
    """The campaign is paused by its issuer: wait until it goes on."""


class CampaignNotPaused(ContractRefused):
    """The campaign is not paused, so there is no pause to end."""


class PauseExhausted(ContractRefused):
    """All the pause that the terms allow is used: the campaign goes on."""


class NothingToFund(ContractRefused):
    """The campaign pays nothing out, so there is nothing to fund."""


class NothingToReclaim(ContractRefused):
    """Nothing is left in the escrow."""


class MerchantAlreadyAdded(ContractRefused):
    """The merchant accepts the campaign's vouchers already."""


class MerchantNotAccepted(ContractRefused):
    """The merchant may not accept vouchers of this campaign: choose one of its merchants."""


# ----------------------------------------------------------------------------------------------------------- issue


class BatchAlreadyIssued(ContractRefused):
    """A packed batch has this number already: it was issued before, or take another number."""


class InvalidBatch(ContractRefused):
    """A packed batch is 20 bytes for each owner, at least one and at most 1,228 of them: split it."""


class DropAlreadyCommitted(ContractRefused):
    """A drop has this number already: it was committed before, or take another number."""


class InvalidDrop(ContractRefused):
    """A drop has a Merkle root and at least one leaf."""


class InvalidProof(ContractRefused):
    """The proof does not lead from this holder's leaf to the drop's root: see the published list of leaves."""


class ProofCountMismatch(ContractRefused):
    """There must be one proof for each voucher of the order, empty where none is needed."""


class VoucherAlreadyClaimed(ContractRefused):
    """The voucher was claimed before."""


class InvalidTicketSerial(ContractRefused):
    """A ticket names a serial of class 0 in the campaign's lane, with a number from 2^47: ask for a right one."""


class NoTicketSigner(ContractRefused):
    """Nobody signs claim tickets for this campaign."""


class TicketExpired(ContractRefused):
    """The ticket counts no longer: ask for a new one."""


class ClaimLimitReached(ContractRefused):
    """The holder has claimed as many of the campaign's vouchers as the terms allow."""


# -------------------------------------------------------------------------------------------------------- vouchers


class VoucherNotFound(tree.VoucherNotFound, ContractRefused):
    """No voucher was ever issued under this id on this chain."""


class VoucherAlreadyRedeemed(tree.VoucherAlreadyRedeemed, ContractRefused):
    """The voucher was redeemed before: use another one."""


class VoucherVoid(ContractRefused):
    """The issuer cancelled the voucher: use another one."""


class NotVoucherHolder(tree.NotVoucherHolder, ContractRefused):
    """The voucher belongs to another account: its owner must sign."""


class VoucherMoved(ContractRefused):
    """The voucher changed after the order was signed: sign a new order."""


class TransferNotAllowed(ContractRefused):
    """The campaign's transfer policy does not allow this move."""


class NotOneUnit(ContractRefused):
    """Vouchers are moved whole: the value is one."""


class ValueNotCovered(ContractRefused):
    """The voucher's balance does not cover the amount, or the amount is zero: take at most what is left."""


# ---------------------------------------------------------------------------------------------------------- orders


class NotMerchantOrRelayer(ContractRefused):
    """Only the order's merchant or the relayer that it set may send this: set the relayer, or send it yourself."""


class NotOrderHolder(ContractRefused):
    """Only the order's holder may send this."""


class SameParty(ContractRefused):
    """Holder and merchant are one account, so there are no two consents."""


class InvalidSignature(ContractRefused):
    """The signature is not that of the party who must consent: ask for it again."""


class OrderExpired(tree.QuoteExpired, ContractRefused):
    """The order counts no longer: ask for a new quote and sign it."""


class OrderAlreadyPaid(tree.OrderNotPayable, ContractRefused):
    """This order was paid before."""


class EmptyOrder(ContractRefused):
    """The order names neither a voucher nor a remainder."""


class RemainderNotExact(ContractRefused):
    """The token did not move exactly the remainder, as tokens with a fee do: pay with another token."""


class NotTheBook(ContractRefused):
    """Only the book itself may call this."""


# ---------------------------------------------------------------------------------------- reversal and settlement


class ReceiptNotFound(ContractRefused):
    """No call left this receipt: list its redemptions that can be reversed, all of them, in the order of their logs."""


class ReceiptIndexOutOfRange(ContractRefused):
    """The receipt has no entry of this number."""


class RedemptionMismatch(ContractRefused):
    """These facts belong to another redemption than the receipt's entry."""


class RedemptionAlreadyReversed(ContractRefused):
    """The redemption was reversed before."""


class PayoutNotReturned(ContractRefused):
    """The payout must come back first: the merchant's credit, balance and allowance to the book do not cover it."""


class ReturnOutOfRange(ContractRefused):
    """A partial refund returns more than zero and at most what is left of the redemption's payout."""


class NothingToSettle(ContractRefused):
    """Nothing is due to the merchant yet: wait until the refund window has passed."""


# ------------------------------------------------------- OpenZeppelin's: ERC-1155, ERC-20, ERC-2612 and safe calls


class ERC1155InsufficientBalance(ContractRefused):
    """The sender does not hold this voucher."""


class ERC1155InvalidApprover(ContractRefused):
    """This account cannot approve."""


class ERC1155InvalidArrayLength(ContractRefused):
    """The lists of a batch have different lengths."""


class ERC1155InvalidOperator(ContractRefused):
    """This account cannot be an operator."""


class ERC1155InvalidReceiver(ContractRefused):
    """The receiver cannot hold vouchers: it is a contract that does not accept ERC-1155 tokens, or no account."""


class ERC1155InvalidSender(ContractRefused):
    """This account cannot send vouchers."""


class ERC1155MissingApprovalForAll(ContractRefused):
    """The operator was not approved by the vouchers' owner."""


class ERC20InsufficientAllowance(ContractRefused):
    """The token's owner has not allowed this much to be taken: approve the amount first."""


class ERC20InsufficientBalance(ContractRefused):
    """The account holds less of the token than must move: top it up."""


class ERC20InvalidApprover(ContractRefused):
    """This account cannot approve."""


class ERC20InvalidReceiver(ContractRefused):
    """This account cannot receive the token."""


class ERC20InvalidSender(ContractRefused):
    """This account cannot send the token."""


class ERC20InvalidSpender(ContractRefused):
    """This account cannot be allowed to spend."""


class ERC2612ExpiredSignature(ContractRefused):
    """The permit's deadline has passed: sign a new one."""


class ERC2612InvalidSigner(ContractRefused):
    """The permit was signed by another account."""


class InvalidAccountNonce(ContractRefused):
    """The permit was signed for another nonce: sign a new one."""


class ECDSAInvalidSignature(ContractRefused):
    """The signature is not one."""


class ECDSAInvalidSignatureLength(ContractRefused):
    """The signature has a wrong length."""


class ECDSAInvalidSignatureS(ContractRefused):
    """The signature is the malleable twin of another one."""


class SafeERC20FailedOperation(ContractRefused):
    """The token refused to move without a reason: see that it is a token, and that balance and allowance suffice."""


class ReentrancyGuardReentrantCall(ContractRefused):
    """A contract called back into the book during a call of it."""


class SafeCastOverflowedUintDowncast(ContractRefused):
    """A number is larger than its place in the book."""


class InvalidShortString(ContractRefused):
    """A text that the contract keeps in one word is malformed."""


class StringTooLong(ContractRefused):
    """A text is too long for one word."""


class StringsInsufficientHexLength(ContractRefused):
    """A number does not fit the digits that it is written with."""


class NotMinter(ContractRefused):
    """Only the test money's minter may make more of it."""
