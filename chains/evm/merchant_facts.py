"""What the book logs about refunds, credits and stored value, as facts of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chains import events as facts
from chains.campaign import CampaignTerms
from codec.evm.book import events as logged
from codec.evm.book.interface import book_abi
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId

STORED_VALUE = "stored_value"
"""The kind of campaign whose vouchers are spent bit by bit."""

_MOVED = "0x" + book_abi().topic("TransferSingle").hex()
_NOBODY = "0x" + "00" * 32


def merchant_fact(
    event: logged.BookEvent, chain: ChainId, terms: Mapping[CampaignId, CampaignTerms]
) -> facts.Fact | None:
    """The fact of a log about money that goes back, waits or is settled; None for every other log."""
    match event:
        case logged.RedemptionReversed() if event.campaign in terms:
            return facts.RedemptionUndone(
                voucher=event.voucher,
                redemption_id=event.redemption_id,
                merchant=AccountId.from_raw(chain, event.merchant),
                returned=event.returned,
                settlement=terms[event.campaign].settlement.id,
            )
        case logged.PayoutReturned() if event.campaign in terms:
            return facts.PayoutReturned(
                campaign=event.campaign,
                redemption_id=event.redemption_id,
                merchant=AccountId.from_raw(chain, event.merchant),
                returned=event.amount,
                settlement=terms[event.campaign].settlement.id,
            )
        case logged.PayoutCredited() if event.campaign in terms:
            return facts.PayoutCredited(
                campaign=event.campaign,
                redemption_id=event.redemption_id,
                merchant=AccountId.from_raw(chain, event.merchant),
                base_units=event.amount,
                settlement=terms[event.campaign].settlement.id,
            )
        case logged.MerchantSettled() if event.campaign in terms:
            return facts.MerchantSettled(
                campaign=event.campaign,
                merchant=AccountId.from_raw(chain, event.merchant),
                base_units=event.amount,
                settlement=terms[event.campaign].settlement.id,
            )
        case logged.ValueCredited() if event.voucher.campaign in terms:
            return facts.ValueCredited(event.voucher, event.redemption_id, event.amount_minor, event.remaining)
        case _:
            return None


def burned_ids(logs: Sequence[Mapping[str, Any]]) -> Collection[tuple[str, str]]:
    """Transaction and id (64 hex digits) of every voucher that a log takes from its holder to nobody."""
    return frozenset(
        (log["transactionHash"], log["data"][2:66])
        for log in logs
        if len(log["topics"]) == 4 and log["topics"][0] == _MOVED and log["topics"][3] == _NOBODY
    )


def spent_or_redeemed(
    redeemed: facts.VoucherRedeemed, tx_hash: str, burned: Collection[tuple[str, str]]
) -> facts.VoucherRedeemed | facts.ValueSpent:
    """The book logs each spending of stored value as a redemption; only the one that empties the voucher burns it."""
    if (tx_hash, str(redeemed.voucher)) in burned:
        return redeemed
    return facts.ValueSpent(
        voucher=redeemed.voucher,
        redemption_id=redeemed.redemption_id,
        order_hash=redeemed.order_hash,
        holder=redeemed.holder,
        merchant=redeemed.merchant,
        amount_minor=redeemed.amount_minor,
        payout=redeemed.payout,
        settlement=redeemed.settlement,
    )
