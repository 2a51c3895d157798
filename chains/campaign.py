"""Campaign terms and redemptions as every chain understands them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.errors import InvalidTerms
from primitives.signing import Signature
from primitives.voucher_id import CampaignId, VoucherId


class TransferPolicy(StrEnum):
    FREE = "free"
    ONCE = "once"
    BOUND = "bound"


class CampaignPower(StrEnum):
    """What the issuer may do after the launch; declared in the terms or non-existent."""

    PAUSE = "pause"
    VOID = "void"
    ADD_MERCHANT = "add_merchant"
    REMOVE_MERCHANT = "remove_merchant"
    TICKET_SIGNER = "ticket_signer"


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What the chain holds of one campaign, for one chain (one lane).

    Attributes:
        id: The same on every chain.
        rules_hash: keccak256 of the rule document, 32 bytes.
        evm_issuer: 20 bytes; zeros when the campaign is not on EVM.
        solana_issuer: 32 bytes; zeros when the campaign is not on Solana.
        salt: 32 bytes.
        lane: 0–255, this chain's part of the serials.
        cap: Most vouchers ever issued in this lane.
        issuer, funder: Accounts on this chain.
        merchants: Accounts that may redeem, on this chain.
        settlement: The asset that escrow pays.
        max_payout: Base units of `settlement` per voucher.
        units_per_minor: Base units of `settlement` per minor unit of the campaign's currency.
        sponsor_bp: The sponsor's share of the discount, in basis points (10,000 = all).
        valid_from, valid_until: Unix seconds, half-open, in block time.
        title, kind, currency: For metadata and memos.
        powers: Of the issuer; none by default.
        refund_window: Seconds after a redemption in which it can be reversed; 0: never.
        max_pause_seconds: EVM: all pauses together may last so long; zero exactly where PAUSE is not declared.
        claim_until: First second in which vouchers can no longer be claimed; None: `valid_until`.
        ticket_signer: EVM: signs claim tickets; None: no tickets unless TICKET_SIGNER names a signer later.
        claims_per_holder: EVM: most tickets that one holder may claim, counted on chain; 0: not counted.
        accrued: EVM: payouts are the merchant's credit until they are settled.
        delegate: Solana, only with VOID: the cold key that may burn from every holder. None: voids need the holder.
        drop_root, drop_count: Solana: Merkle root (32 bytes) and number of leaves of the one drop, fixed at launch.
    """

    id: CampaignId
    chain: ChainId
    rules_hash: bytes
    evm_issuer: bytes
    solana_issuer: bytes
    salt: bytes
    lane: int
    cap: int
    issuer: AccountId
    funder: AccountId
    merchants: tuple[AccountId, ...]
    settlement: Asset
    max_payout: int
    units_per_minor: int
    sponsor_bp: int
    valid_from: int
    valid_until: int
    transfer_policy: TransferPolicy
    title: str
    kind: str
    currency: str
    powers: frozenset[CampaignPower] = frozenset()
    refund_window: int = 0
    delegate: AccountId | None = None
    drop_root: bytes | None = None
    drop_count: int = 0
    max_pause_seconds: int = 0
    accrued: bool = False
    claim_until: int | None = None
    ticket_signer: AccountId | None = None
    claims_per_holder: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.cap < 2**48:
            raise InvalidTerms("the cap must be at least 1 and below 2^48", field="cap")
        if not self.valid_from < self.valid_until:
            raise InvalidTerms("valid_until must be after valid_from", field="valid_until")
        if not 0 <= self.sponsor_bp <= 10_000:
            raise InvalidTerms("sponsor_bp must be 0 to 10,000", field="sponsor_bp")
        if not self.merchants:
            raise InvalidTerms("name at least one merchant", field="merchants")
        if self.refund_window < 0:
            raise InvalidTerms("a refund window is not negative", field="refund_window")
        if self.delegate is not None and CampaignPower.VOID not in self.powers:
            raise InvalidTerms("a key that may burn from every holder needs the declared power to void", field="powers")
        if (self.drop_root is None) != (self.drop_count == 0) or not 0 <= self.drop_count <= self.cap:
            raise InvalidTerms("a drop has a root and 1 to cap leaves", field="drop_count")
        if self.drop_root is not None and len(self.drop_root) != 32:
            raise InvalidTerms("the root of a drop has 32 bytes", field="drop_root")
        if self.claim_until is not None and not self.valid_from < self.claim_until <= self.valid_until:
            raise InvalidTerms("claim_until lies in the window", field="claim_until")

    @property
    def full_funding(self) -> int:
        """Base units that make every voucher of the lane payable."""
        return self.max_payout * self.cap

    def payout(self, amount_minor: int) -> int:
        """Base units that escrow pays for one voucher: min(max_payout, amount × units × share), rounded down."""
        return min(self.max_payout, amount_minor * self.units_per_minor * self.sponsor_bp // 10_000)


@dataclass(frozen=True, slots=True)
class RedemptionItem:
    """One voucher of an order: the discount it gives in minor units, and how often it has been moved.

    `proof`: of the leaf of a drop that nobody has claimed yet, sisters of 32 bytes from below.
    """

    voucher: VoucherId
    amount_minor: int
    moves: int
    proof: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """What holder and merchant both consent to.

    Attributes:
        submitter: Who sends the transaction and pays its fee: the merchant's relayer.
        order_hash: keccak256 of the canonical order document, 32 bytes.
        valid_before: Unix seconds; the chain refuses at or after it (EVM).
        remainder: What the holder pays the merchant in the same act; may be zero.
    """

    holder: AccountId
    merchant: AccountId
    submitter: AccountId
    order_hash: bytes
    valid_before: int
    remainder: Amount
    items: tuple[RedemptionItem, ...]

    @property
    def from_drop(self) -> bool:
        """Whether a voucher of it has yet to be claimed."""
        return any(item.proof is not None for item in self.items)


@dataclass(frozen=True, slots=True)
class ManyRedemption:
    """One order of several in a transaction: its campaigns' terms, and what its holder signed, by name."""

    terms: tuple[CampaignTerms, ...]
    redemption: Redemption
    consents: Mapping[str, Signature]


@dataclass(frozen=True, slots=True)
class DropClaim:
    """One leaf of a campaign's drop and its proof: sisters of 32 bytes, from below. `drop`: its number, 0 on Solana."""

    index: int
    holder: AccountId
    proof: tuple[bytes, ...]
    drop: int = 0


@dataclass(frozen=True, slots=True)
class ClaimTicket:
    """The issuer's word that one holder may claim one voucher until `valid_before`, in Unix seconds (EVM)."""

    voucher: VoucherId
    holder: AccountId
    valid_before: int


@dataclass(frozen=True, slots=True)
class IssuerPower:
    """What somebody can still do to a campaign or its holders, as the chain itself says.

    Attributes:
        code: Stable; a `CampaignPower`, or Solana's `MintPower`.
        text: In plain English.
        who: None where the power is a property of the token.
    """

    code: str
    text: str
    who: AccountId | None


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One redemption of a call, as the book's receipt lists it. `payout` in base units of the settlement asset."""

    redemption_id: bytes
    merchant: AccountId
    payout: int


@dataclass(frozen=True, slots=True)
class MerchantCredit:
    """Base units of the settlement asset: what `settle` pays now, and what can still be taken back."""

    due: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ReversedRedemption:
    """A redemption to undo, as the ledger knows it. Id and hash have 32 bytes.

    Attributes:
        sequence: EVM: what the holder signed beside the amount.
        receipt: EVM: every redemption of the same transaction that can be reversed, in the order of their logs.
        amount_minor: In the campaign's currency.
        payout: Base units of the settlement asset that the vault paid and gets back.
        redeemed_at: Block time, Unix seconds.
    """

    voucher: VoucherId
    redemption_id: bytes
    order_hash: bytes
    holder: AccountId
    merchant: AccountId
    amount_minor: int
    payout: int
    redeemed_at: int
    sequence: int = 0
    receipt: tuple[ReceiptLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignState:
    """What the chain's own storage says of a campaign: what holders and auditors need not take from us.

    Attributes:
        powers: All that the issuer can do beyond the terms; nothing else ever becomes possible.
        window_end: Unix seconds; the end of validity, with the pauses so far.
        funded, escrow: Base units of the settlement asset: ever paid in, and still there.
    """

    powers: frozenset[CampaignPower]
    valid_from: int
    window_end: int
    paused: bool
    issued_ever: int
    redeemed: int
    reversed: int
    reissued: int
    voided: int
    funded: int
    escrow: int

    @property
    def live(self) -> int:
        """Vouchers that can still be redeemed: onchain.md, "Cap and solvency"."""
        return self.issued_ever + self.reissued - self.redeemed - self.voided


@dataclass(frozen=True, slots=True)
class VoucherState:
    """What the chain's own storage says.

    Attributes:
        redeemed_at: Unix seconds, None while live.
        remaining_minor, sequence: Of stored value, what is left and what an order must name; None for others.
    """

    holder: AccountId
    moves: int
    redeemed_at: int | None
    remaining_minor: int | None = None
    sequence: int | None = None
