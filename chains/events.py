"""Voucher facts as they were read from a chain."""

from __future__ import annotations

from dataclasses import dataclass

from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, VoucherId


@dataclass(frozen=True, slots=True)
class CampaignLaunched:
    """The campaign exists on the chain."""

    campaign: CampaignId
    rules_hash: bytes
    issuer: AccountId


@dataclass(frozen=True, slots=True)
class CampaignFunded:
    campaign: CampaignId
    funder: AccountId
    base_units: int


@dataclass(frozen=True, slots=True)
class VoucherIssued:
    voucher: VoucherId
    holder: AccountId


@dataclass(frozen=True, slots=True)
class VoucherMoved:
    voucher: VoucherId
    sender: AccountId
    recipient: AccountId


@dataclass(frozen=True, slots=True)
class VoucherRedeemed:
    """`payout` and `remainder` in base units of their assets; `amount_minor` in the campaign's currency."""

    voucher: VoucherId
    redemption_id: bytes
    order_hash: bytes
    holder: AccountId
    merchant: AccountId
    amount_minor: int
    payout: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The remainder that moved from holder to merchant in the order's transaction."""

    order_hash: bytes
    holder: AccountId
    merchant: AccountId
    asset: AssetId
    base_units: int


@dataclass(frozen=True, slots=True)
class VoucherVoided:
    voucher: VoucherId
    holder: AccountId


@dataclass(frozen=True, slots=True)
class RedemptionReversed:
    """The merchant gave a redemption back: `returned` base units of `settlement` went back to escrow, and `voucher`, a
    new one, was issued to the holder (a VoucherIssued of its own). The redeemed one stays redeemed."""

    voucher: VoucherId
    redemption_id: bytes
    order_hash: bytes
    holder: AccountId
    merchant: AccountId
    amount_minor: int
    returned: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class CampaignPaused:
    """Nothing of the campaign is issued or redeemed until it is resumed."""

    campaign: CampaignId


@dataclass(frozen=True, slots=True)
class CampaignResumed:
    campaign: CampaignId


@dataclass(frozen=True, slots=True)
class EscrowReclaimed:
    campaign: CampaignId
    funder: AccountId
    base_units: int


@dataclass(frozen=True, slots=True)
class Divergence:
    """A chain fact that breaks the rules of docs/onchain.md; `campaign` shows it as an alarm."""

    campaign: CampaignId
    what: str


Fact = (
    CampaignLaunched
    | CampaignFunded
    | VoucherIssued
    | VoucherMoved
    | VoucherRedeemed
    | OrderPaid
    | VoucherVoided
    | RedemptionReversed
    | CampaignPaused
    | CampaignResumed
    | EscrowReclaimed
    | Divergence
)


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """One fact, and where and when it happened. `block_time` in Unix seconds."""

    position: ChainPosition
    tx_hash: str
    block_time: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class EventPage:
    """Facts of the heights `since … until`, and the hash of each block that holds one.

    Attributes:
        before_hash, until_hash: Of the block before `since` and of the block `until`, read together with the facts:
            while the latter is canonical, the page holds. None where the chain cannot tell them so (Solana).
        pieces: Into how many ranges the node made us cut the page.
    """

    since: int
    until: int
    events: tuple[TokenEvent, ...]
    before_hash: bytes | None = None
    until_hash: bytes | None = None
    pieces: int = 1
