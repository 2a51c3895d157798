"""The ports of a chain: one adapter for transactions, one voucher book for campaigns.

`chains.evm` and `chains.solana` conform by shape. No third-party type crosses these lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from chains.campaign import CampaignTerms, MerchantCredit, Redemption, ReversedRedemption, VoucherState
from chains.events import EventPage, LinePage
from chains.intent import Intent
from chains.issuer_desk import IssuerDesk
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import ChainError, QuanbaoError, TransactionReverted
from primitives.position import Finality
from primitives.signing import PublicKey, Signature, SigningScheme
from primitives.voucher_id import CampaignId, VoucherId


@dataclass(frozen=True, slots=True)
class Heads:
    """Heights (EVM block number, Solana slot) of the newest block per finality, read together."""

    included: int
    safe: int
    finalized: int


class Speed(StrEnum):
    """How soon a transaction shall be in a block."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Bid:
    """What a transaction offers per unit of gas, in wei.

    Attributes:
        price: The most per gas, base fee included; of a legacy transaction its gas price.
        priority_fee: Of that, the most for the block's maker; None in a legacy transaction.
    """

    price: int
    priority_fee: int | None = None


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """What one speed costs now.

    Attributes:
        bid: What to offer, below the chain's caps.
        base_fee: Of the next block, wei per gas; None where there is no base fee.
        blocked: The market is above the chain's cap: at this bid nothing is included until it falls.
        expected_seconds: Until the first block that should hold the transaction.
    """

    speed: Speed
    bid: Bid
    base_fee: int | None
    blocked: bool
    expected_seconds: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the payer should know and accept before signing. `code` is stable, `message` says what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an intent would do now.

    Attributes:
        fee_limit: The most that the sender can be charged, in the chain's native asset.
        units: Gas (EVM) or compute units (Solana) that the simulation used.
        priority_fee: On top of the base fee: wei per gas (EVM) or micro-lamports per compute unit (Solana); None where
            the chain has no fee market, or nobody bids.
        price: The most per gas in wei (EVM); None on Solana.
        data_fee: Part of `fee_limit` that a rollup charges for the transaction's bytes, in base units.
        notices: Nothing with a notice is signed unless the payer has accepted its code.
        expected_seconds: Until inclusion at the chosen speed; None where the chain does not tell.
    """

    fee_limit: Amount
    units: int
    priority_fee: int | None = None
    price: int | None = None
    data_fee: int = 0
    notices: tuple[Notice, ...] = ()
    expected_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Nonces:
    """Transactions of an account that are included, and those beside them that wait executable in the node's pool."""

    included: int
    pending: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account read at one moment.

    Attributes:
        height: A height that the balances are at least as new as.
        nonces: None on Solana.
    """

    height: int
    nonces: Nonces | None
    balances: Mapping[AssetId, Amount]


@dataclass(frozen=True, slots=True)
class PreparedTransaction:
    """An unsigned transaction, ready for its signers.

    Attributes:
        payload: What each signer signs (see `SigningScheme`).
        signers: Accounts that must sign, fee payer first, then cosigners in their order.
        nonce: EVM account nonce; None on Solana.
        last_valid_height: Solana block height after which it can never land; None on EVM.
        bid: What it offers per gas; None on Solana.
        agreement: What the sender must sign before `payload` exists (EIP-7702), and how its signature completes it.
    """

    sender: AccountId
    scheme: SigningScheme
    payload: bytes
    signers: tuple[AccountId, ...]
    fee_limit: Amount
    nonce: int | None = None
    last_valid_height: int | None = None
    bid: Bid | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What an account signs so that a transaction can hold it. `complete` makes that transaction of the signature."""

    scheme: SigningScheme
    payload: bytes
    complete: Callable[[Signature], PreparedTransaction]


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Bytes for the node. `tx_hash`: 0x-hex (EVM) or base58 signature (Solana), known before any broadcast."""

    chain: ChainId
    raw: bytes
    tx_hash: str
    nonce: int | None = None
    last_valid_height: int | None = None
    bid: Bid | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the chain did with a transaction.

    Attributes:
        height: Block number or slot.
        index: Position in the block (Solana: 0 where the node does not tell).
        block_hash: 32 bytes.
        block_time: Unix seconds.
        ok: False: included, fee charged, effects refused.
        reason: Why, decoded where we know it; None when ok.
        finality: Of the block at the time of asking.
        refusal: The same as an error of the tree, with its facts, where the chain tells them.
    """

    tx_hash: str
    height: int
    index: int
    block_hash: bytes
    block_time: int
    ok: bool
    reason: str | None
    fee_paid: Amount
    finality: Finality
    refusal: TransactionReverted | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Finalised:
    """The finalized state that decides whether an attempt is dead.

    Attributes:
        nonce: EVM: transactions of the account that are final, so nonces below are used up. None on Solana.
        block_height: Solana: finalized block height. None on EVM.
    """

    nonce: int | None
    block_height: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where transactions of one account stand: read in this order in one exchange with one node, so that what was
    final before a receipt was found missing cannot have included it unnoticed.

    Attributes:
        included: EVM: transactions of the account in the canonical chain. None on Solana.
        receipts: One for each hash asked for, None where it is in no block.
    """

    finalised: Finalised
    included: int | None
    receipts: tuple[Receipt | None, ...]


@dataclass(frozen=True, slots=True)
class SeenTransaction:
    """A transaction of an account as a node shows it, for matching with payments after a restore.

    Attributes:
        to: Recipient or contract, EIP-55 address; None for a deployment.
        value: In wei.
        raw: The signed bytes; empty where the node does not give them.
    """

    nonce: int
    tx_hash: str
    height: int
    to: str | None
    value: int
    data: bytes
    raw: bytes


class NonceLane(Protocol):
    """What chains with account nonces and a fee market offer beside the adapter's acts (EVM)."""

    @property
    def window(self) -> int:
        """How many transactions of one account may wait at a node at a time."""
        ...

    async def states(self, wanted: Sequence[tuple[AccountId, Sequence[Asset]]]) -> Sequence[AccountState]:
        """`ChainAdapter.state` of several accounts in one exchange. Raises NodeUnavailable."""
        ...

    async def quotes(self) -> Mapping[Speed, FeeQuote]:
        """What each speed costs now, from the node's fee history. Raises NodeUnavailable."""
        ...

    def raised(self, bid: Bid) -> Bid:
        """The least bid that nodes take in place of this one: both fees 12.5 % higher, rounded up."""
        ...

    def capped(self, bid: Bid) -> bool:
        """Whether the bid is above what the chain's rules allow."""
        ...

    def rebid(self, sender: AccountId, raw: bytes, bid: Bid) -> PreparedTransaction:
        """The same act with the same nonce at another bid. `raw`: signed bytes of any attempt."""
        ...

    def void(self, sender: AccountId, nonce: int, bid: Bid) -> PreparedTransaction:
        """Nothing, to the sender itself: uses the nonce up."""
        ...

    async def seen(self, account: AccountId, since: int) -> Sequence[SeenTransaction]:
        """Every included transaction of the account above the height `since`, oldest first. Raises NodeUnavailable."""
        ...

    def is_act(self, seen: SeenTransaction, intent: Intent) -> bool:
        """Whether the transaction does exactly what the intent wants."""
        ...


class ChainAdapter(Protocol):
    """Transactions and balances of one chain."""

    @property
    def chain_id(self) -> ChainId: ...

    @property
    def native(self) -> Asset: ...

    @property
    def required_finality(self) -> Finality:
        """The level at which a payment counts as done (docs/adr/0003)."""
        ...

    def account_of(self, public_key: PublicKey) -> AccountId: ...

    async def check(self) -> None:
        """Raises ChainMismatch when the node serves another chain, NodeUnavailable when it does not answer."""
        ...

    async def asset(self, asset_id: AssetId) -> Asset:
        """Symbol and decimals as the chain tells them. Raises UnknownAsset."""
        ...

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount: ...

    async def heads(self) -> Heads: ...

    async def block_hash(self, height: int) -> bytes | None:
        """Hash of the canonical block at this height; None when there is none (skipped slot, beyond the head)."""
        ...

    async def block_time(self) -> int:
        """Time of the newest block, Unix seconds: the `now` of every rule about time."""
        ...

    async def next_nonce(self, account: AccountId) -> int | None:
        """EVM: the nonce after the included transactions, a floor for our own counter. None on Solana."""
        ...

    @property
    def lane(self) -> NonceLane | None:
        """None on chains without account nonces."""
        ...

    async def state(self, account: AccountId, assets: Sequence[Asset]) -> AccountState:
        """Nonces and balances of one moment. Raises NodeUnavailable."""
        ...

    async def preview(self, intent: Intent, *, speed: Speed = Speed.NORMAL) -> Preview:
        """Simulate and price.

        Raises:
            InsufficientFunds: With both figures, for the amount or the fee.
            TransactionReverted: The simulation was refused, with the decoded reason.
            FeeTooLow: The market is above the chain's fee cap.
            NodeUnavailable
        """
        ...

    async def preview_many(self, intents: Sequence[tuple[Intent, Speed]]) -> Sequence[Preview | QuanbaoError]:
        """`preview` of several in as few exchanges as the chain allows; an error stands in its own place.

        Raises:
            NodeUnavailable: Nothing is known of any.
        """
        ...

    async def prepare(self, intent: Intent, *, nonce: int | None, preview: Preview) -> PreparedTransaction:
        """Fix nonce or blockhash and the fee limit; no key is touched."""
        ...

    def assemble(self, prepared: PreparedTransaction, signatures: Mapping[AccountId, Signature]) -> SignedTransaction:
        """Join payload and signatures; verifies each signature against its account."""
        ...

    async def broadcast(self, signed: SignedTransaction) -> None:
        """Hand over the bytes; doing it again is harmless.

        Raises:
            NonceTooLow, FeeTooLow, InsufficientFunds, TransactionRejected, TransactionExpired, NodeUnavailable
        """
        ...

    async def broadcast_many(self, signed: Sequence[SignedTransaction]) -> Sequence[ChainError | None]:
        """`broadcast` of several in this order; for each the error that `broadcast` would raise, or None.

        Raises:
            NodeUnavailable: What the node has taken is not known; repeat.
        """
        ...

    async def receipt(self, tx_hash: str) -> Receipt | None:
        """None: not included (yet, or any more).

        Raises:
            NodeUnavailable: Also when the node knows that it landed, but not yet where.
        """
        ...

    async def finalised(self, account: AccountId) -> Finalised: ...

    async def standing(self, account: AccountId, tx_hashes: Sequence[str]) -> Standing:
        """Where these transactions of one account stand. Raises NodeUnavailable."""
        ...

    async def never_lands(self, signed: SignedTransaction) -> bool:
        """Whether a transaction without an end of its own (Solana's durable nonce) is dead: its nonce was used at the
        required finality by another one. False wherever `finalised` decides.

        Raises:
            NodeUnavailable
        """
        ...

    async def history_since(self) -> int:
        """The block height from which on a missing receipt means that nothing landed; below it the node has forgotten.
        Always 0 on EVM, where the nonce tells.

        Raises:
            NodeUnavailable
        """
        ...


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """Something the holder signs before the redemption's transaction can be built (EVM typed data).

    Attributes:
        name: `redeem_order` or `permit`.
        payload: As `SigningScheme` says for `scheme`.
    """

    name: str
    scheme: SigningScheme
    payload: bytes


class VoucherBook(IssuerDesk, Protocol):
    """Campaigns and vouchers on one chain.

    The methods that change something answer intents; the engine carries them out in order, each one a payment.
    """

    @property
    def chain_id(self) -> ChainId: ...

    async def launch(self, terms: CampaignTerms) -> Sequence[Intent]:
        """Everything that makes the campaign exist and able to issue, funding included; steps already on chain
        are left out, so that asking again after a crash continues."""
        ...

    async def most_vouchers(self, merchant: AccountId, settlement: Asset) -> int | None:
        """Most campaigns of which one act redeems a voucher each, beside payouts and remainder in `settlement` to this
        merchant; None where the chain sets no bound. Raises UnknownAsset, NodeUnavailable."""
        ...

    async def appoint_relayer(self, merchant: AccountId, relayer: AccountId) -> Sequence[Intent]:
        """What lets `relayer` submit redemptions for `merchant`; empty when it may already, and on Solana, where any
        fee payer will do."""
        ...

    async def issue(self, terms: CampaignTerms, holders: Sequence[AccountId], first_number: int) -> Sequence[Intent]:
        """Issue one single voucher to each holder in order, numbered from `first_number` (the campaign's first
        is 1; lane and class are the terms'). EVM refuses in the contract when the chain's counter is elsewhere."""
        ...

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]:
        """What the holder signs beforehand. Empty on Solana, where the holder signs the transaction."""
        ...

    async def redeem(
        self, terms: Sequence[CampaignTerms], redemption: Redemption, consents: Mapping[str, Signature]
    ) -> Intent:
        """The one transaction that redeems every item, pays out and moves the remainder."""
        ...

    async def take_back(
        self, terms: CampaignTerms, undone: ReversedRedemption, number: int, *, now: int, relayer: AccountId
    ) -> Sequence[Intent]:
        """What reverses a redemption: its payout returns to escrow, and while the window is open the holder gets a new
        voucher. Each intent is carried out before the next.

        Args:
            number: Solana: of the new voucher's serial; chosen by the caller and used once.
            now: Block time, Unix seconds.
            relayer: Who may act for the merchant (EVM).

        Raises:
            InvalidTerms: The campaign has no refund window.
            CampaignNotActive: The time is over.
            NodeUnavailable
        """
        ...

    async def return_payout(
        self, terms: CampaignTerms, undone: ReversedRedemption, amount: int, *, relayer: AccountId
    ) -> Sequence[Intent]:
        """What sends `amount` base units of a redemption's payout back to escrow. Raises FeatureUnavailable (Solana),
        InvalidTerms, NodeUnavailable."""
        ...

    async def pay_back(self, merchant: AccountId, holder: AccountId, amount: Amount, order_hash: bytes) -> Intent:
        """Money of a paid order from the merchant to the holder. Raises UnknownAsset, NodeUnavailable."""
        ...

    async def settle(self, terms: CampaignTerms, merchant: AccountId, *, relayer: AccountId) -> Sequence[Intent]:
        """What pays a merchant's credit that is due; empty when none is. Raises NodeUnavailable."""
        ...

    async def credit(self, terms: CampaignTerms, merchant: AccountId) -> MerchantCredit:
        """What the chain owes a merchant. Raises NodeUnavailable."""
        ...

    async def hand_on(
        self, terms: CampaignTerms, holder: AccountId, recipient: AccountId, voucher: VoucherId
    ) -> Intent:
        """Give a live voucher to somebody else; the holder signs. Raises InvalidTerms where the terms forbid it."""
        ...

    async def voucher(self, voucher: VoucherId) -> VoucherState | None:
        """What the chain itself says of one voucher (EVM); None when the chain has no per-voucher state (Solana)."""
        ...

    async def vouchers(self, vouchers: Sequence[VoucherId]) -> Sequence[VoucherState | None]:
        """As `voucher`, of many, in the order asked for."""
        ...

    async def escrow(self, terms: CampaignTerms) -> Amount:
        """What the campaign can still pay out."""
        ...

    async def events(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> EventPage:
        """Every voucher fact in the heights `since … until` (both included), sorted by position."""
        ...


@runtime_checkable
class ReadsLines(Protocol):
    """A voucher book that can also tell the issues of a range as lines."""

    async def lines(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> LinePage:
        """The facts of `VoucherBook.events`."""
        ...


class Chains(Protocol):
    """The configured chains."""

    def all(self) -> Sequence[ChainId]: ...

    def adapter(self, chain: ChainId) -> ChainAdapter:
        """Raises UnknownChain."""
        ...

    def book(self, chain: ChainId) -> VoucherBook:
        """Raises UnknownChain."""
        ...


__all__ = [
    "AccountState",
    "Bid",
    "CampaignId",
    "ChainAdapter",
    "Chains",
    "ConsentRequest",
    "FeeQuote",
    "Finalised",
    "Heads",
    "NonceLane",
    "Nonces",
    "Notice",
    "PreparedTransaction",
    "Preview",
    "Receipt",
    "SeenTransaction",
    "SignedTransaction",
    "Speed",
    "Standing",
    "VoucherBook",
]
