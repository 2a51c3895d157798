"""Accounts of the books, and what one chain fact posts to them.

A posting's legs sum to zero. Amounts are base units of one asset; plus is a debit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chains import events as facts
from chains.campaign import CampaignTerms
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.voucher_id import CampaignId


class BookAccount(StrEnum):
    ESCROW = "escrow"
    """What the chain holds for a campaign."""
    LIABILITY = "liability"
    """What escrow is owed to: holders' vouchers, then the funder. Always the opposite of escrow."""
    RECEIVABLE = "receivable"
    """What the book has credited to a merchant and not yet settled."""
    MERCHANT = "merchant"
    """What a merchant was paid."""
    HOLDER = "holder"
    """What holders paid (minus) and got back (plus)."""
    SPONSOR = "sponsor"
    """What escrow paid of a funder's money (minus), and what came back of it (plus)."""
    SPONSOR_SHARE = "sponsor_share"
    """The discount that sponsors bore."""
    MERCHANT_SHARE = "merchant_share"
    """The discount that merchants bore themselves."""
    DISCOUNT = "discount"
    """All discounts given (minus)."""
    FEES = "fees"
    """Network fees, in the chain's own coin."""
    PLATFORM = "platform"
    """Who paid the network fees (minus)."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a posting. `party`: a CAIP-10 account, or the campaign."""

    account: BookAccount
    party: str
    asset: AssetId
    base_units: int


@dataclass(frozen=True, slots=True)
class Posting:
    """What one fact means. `campaign` None: an order's remainder belongs to no campaign."""

    kind: str
    campaign: CampaignId | None
    legs: tuple[Leg, ...]
    order_hash: bytes | None = None
    redemption_id: bytes | None = None

    def __post_init__(self) -> None:
        for asset in {leg.asset for leg in self.legs}:
            if sum(leg.base_units for leg in self.legs if leg.asset == asset):
                raise ValueError(f"the posting {self.kind} does not balance")


def taken_back(posting: Posting) -> Posting:
    """The same with the other sign."""
    legs = tuple(Leg(leg.account, leg.party, leg.asset, -leg.base_units) for leg in posting.legs)
    return Posting(posting.kind, posting.campaign, legs, posting.order_hash, posting.redemption_id)


def moved(
    asset: AssetId, base_units: int, source: tuple[BookAccount, str], destination: tuple[BookAccount, str]
) -> tuple[Leg, ...]:
    """Two legs, or none for nothing."""
    if not base_units:
        return ()
    return (Leg(destination[0], destination[1], asset, base_units), Leg(source[0], source[1], asset, -base_units))


def posting_of(
    fact: facts.Fact, terms: CampaignTerms | None, *, receivable: int = 0, credited: bool = False
) -> Posting | None:
    """What a fact posts; None for facts that move no money.

    Args:
        terms: Of the fact's campaign on its chain; None only for remainders.
        receivable: What the books say that the merchant of a return still has as credit: the book takes from it first.
        credited: A redemption whose payout became the merchant's credit instead of being paid.
    """
    match fact:
        case facts.CampaignFunded() if terms is not None:
            return _funded(fact, terms)
        case facts.VoucherRedeemed() | facts.ValueSpent() if terms is not None:
            return _redeemed(fact, terms, credited=credited)
        case facts.RedemptionReversed() | facts.RedemptionUndone() if terms is not None:
            campaign = fact.voucher.campaign
            return _returned("reversed", campaign, fact.redemption_id, fact.merchant, fact.returned, terms, receivable)
        case facts.PayoutReturned() if terms is not None:
            return _returned(
                "returned", fact.campaign, fact.redemption_id, fact.merchant, fact.returned, terms, receivable
            )
        case facts.MerchantSettled() if terms is not None:
            party = str(fact.merchant)
            legs = moved(
                terms.settlement.id,
                fact.base_units,
                (BookAccount.RECEIVABLE, party),
                (BookAccount.MERCHANT, party),
            )
            return Posting("settled", fact.campaign, legs)
        case facts.EscrowReclaimed() if terms is not None:
            return _reclaimed(fact, terms)
        case facts.OrderPaid():
            legs = moved(
                fact.asset,
                fact.base_units,
                (BookAccount.HOLDER, str(fact.holder)),
                (BookAccount.MERCHANT, str(fact.merchant)),
            )
            return Posting("paid", None, legs, fact.order_hash)
        case _:
            return None


def _funded(fact: facts.CampaignFunded, terms: CampaignTerms) -> Posting:
    name, asset = str(fact.campaign), terms.settlement.id
    # The funder's money is in escrow, and escrow owes it to whoever will come with a voucher.
    legs = moved(asset, fact.base_units, (BookAccount.LIABILITY, name), (BookAccount.ESCROW, name))
    return Posting("funded", fact.campaign, legs)


def _redeemed(fact: facts.VoucherRedeemed | facts.ValueSpent, terms: CampaignTerms, *, credited: bool) -> Posting:
    campaign, asset = fact.voucher.campaign, fact.settlement
    name, merchant = str(campaign), str(fact.merchant)
    to = BookAccount.RECEIVABLE if credited else BookAccount.MERCHANT
    whole = fact.amount_minor * terms.units_per_minor
    borne = max(0, whole - fact.payout)
    legs: Sequence[Leg] = (
        *moved(asset, fact.payout, (BookAccount.ESCROW, name), (BookAccount.LIABILITY, name)),
        *moved(asset, fact.payout, (BookAccount.DISCOUNT, name), (BookAccount.SPONSOR_SHARE, str(terms.funder))),
        *moved(asset, borne, (BookAccount.DISCOUNT, name), (BookAccount.MERCHANT_SHARE, merchant)),
        *moved(asset, fact.payout, (BookAccount.SPONSOR, str(terms.funder)), (to, merchant)),
    )
    return Posting("redeemed", campaign, tuple(legs), fact.order_hash, fact.redemption_id)


def _returned(
    kind: str,
    campaign: CampaignId,
    redemption_id: bytes,
    merchant: AccountId,
    returned: int,
    terms: CampaignTerms,
    receivable: int,
) -> Posting:
    name, asset, funder = str(campaign), terms.settlement.id, str(terms.funder)
    of_credit = min(receivable, returned)
    legs = (
        *moved(asset, returned, (BookAccount.LIABILITY, name), (BookAccount.ESCROW, name)),
        *moved(asset, returned, (BookAccount.SPONSOR_SHARE, funder), (BookAccount.DISCOUNT, name)),
        *moved(asset, of_credit, (BookAccount.RECEIVABLE, str(merchant)), (BookAccount.SPONSOR, funder)),
        *moved(asset, returned - of_credit, (BookAccount.MERCHANT, str(merchant)), (BookAccount.SPONSOR, funder)),
    )
    return Posting(kind, campaign, legs, redemption_id=redemption_id)


def _reclaimed(fact: facts.EscrowReclaimed, terms: CampaignTerms) -> Posting:
    name = str(fact.campaign)
    legs = moved(terms.settlement.id, fact.base_units, (BookAccount.ESCROW, name), (BookAccount.LIABILITY, name))
    return Posting("reclaimed", fact.campaign, legs)


@dataclass(frozen=True, slots=True)
class BooksCheck:
    """Whether a campaign's books, its ledger and its chain say the same. Base units of the settlement asset.

    Attributes:
        escrow: What the books say, from final facts.
        pending: What facts that stand but are not final yet will add.
        chain: What the chain holds now.
        unbalanced: The sum of all legs, zero in sound books.
    """

    campaign: CampaignId
    chain_id: str
    escrow: int
    liability: int
    pending: int
    chain: int
    unbalanced: int

    @property
    def equal(self) -> bool:
        return self.escrow + self.pending == self.chain and self.escrow == -self.liability and not self.unbalanced


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """What one merchant account got on one day, in base units of one asset.

    Attributes:
        day: ISO date in the zone of the report.
        paid: By escrow at once or by `settle`. `credited`: kept for a later `settle`.
        remainders: Paid by holders beside their vouchers. `returned`: paid back, to escrow or to holders.
    """

    day: str
    merchant: str
    asset: str
    redemptions: int
    paid: int
    credited: int
    remainders: int
    returned: int
    sponsor_share: int
    merchant_share: int
