"""Voucher facts as they were read from a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

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
class RedemptionUndone:
    """EVM: the redemption of `voucher` was reversed; `returned` base units of `settlement` went back to escrow. A new
    voucher, if the window is still open, is a VoucherIssued of its own; stored value comes back as ValueCredited."""

    voucher: VoucherId
    redemption_id: bytes
    merchant: AccountId
    returned: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class PayoutReturned:
    """EVM: a part of a redemption's payout went back to escrow, beside a partial refund."""

    campaign: CampaignId
    redemption_id: bytes
    merchant: AccountId
    returned: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class PayoutCredited:
    """EVM: a redemption's payout is kept as the merchant's credit until it is settled."""

    campaign: CampaignId
    redemption_id: bytes
    merchant: AccountId
    base_units: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class MerchantSettled:
    """EVM: credit that no reversal can take back any more was paid to the merchant."""

    campaign: CampaignId
    merchant: AccountId
    base_units: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class ValueSpent:
    """EVM: a part of a stored-value voucher was redeemed, and the rest stays on it. Fields as in VoucherRedeemed."""

    voucher: VoucherId
    redemption_id: bytes
    order_hash: bytes
    holder: AccountId
    merchant: AccountId
    amount_minor: int
    payout: int
    settlement: AssetId


@dataclass(frozen=True, slots=True)
class ValueCredited:
    """EVM: a reversal put value back on the voucher; `remaining` is what it then holds, in minor units."""

    voucher: VoucherId
    redemption_id: bytes
    amount_minor: int
    remaining: int


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
    | RedemptionUndone
    | PayoutReturned
    | PayoutCredited
    | MerchantSettled
    | ValueSpent
    | ValueCredited
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


class IssuedLine(NamedTuple):
    """A VoucherIssued fact and its place, as text that is ready to be stored.

    `voucher` has 64 hex digits, `holder` is a CAIP-10 id, `block_hash` has 32 bytes, `block_time` is in Unix seconds.
    """

    height: int
    transaction_index: int
    event_index: int
    block_hash: bytes
    tx_hash: str
    block_time: int
    voucher: str
    holder: str

    def event(self) -> TokenEvent:
        position = ChainPosition(self.height, self.transaction_index, self.event_index, self.block_hash)
        fact = VoucherIssued(VoucherId.parse(self.voucher), AccountId.parse(self.holder))
        return TokenEvent(position, self.tx_hash, self.block_time, fact)


@dataclass(frozen=True, slots=True)
class LinePage:
    """An `EventPage` whose issues are lines: nearly all facts of a large campaign are issues, and a line costs a tenth
    of the objects that say the same.

    Attributes:
        page: Its events are all other facts.
        issued: In the chain's order.
    """

    page: EventPage
    issued: Sequence[IssuedLine] = ()

    @property
    def count(self) -> int:
        return len(self.page.events) + len(self.issued)

    def whole(self) -> EventPage:
        """Every fact as an event, in the chain's order."""
        if not self.issued:
            return self.page
        events = [*self.page.events, *(line.event() for line in self.issued)]
        return replace(self.page, events=tuple(sorted(events, key=lambda event: event.position)))
