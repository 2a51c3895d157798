"""Postings of whole transactions: network fees, and money that goes back to a holder."""

from __future__ import annotations

from primitives.account_id import AccountId
from primitives.asset import AssetId
from vouchers.ports import PaymentView
from vouchers.settlement.model import BookAccount, Posting, moved


def fee_posting(payment: PaymentView) -> Posting | None:
    """What the transaction cost; None while that is not known, or nothing."""
    if payment.fee is None or payment.place is None or not payment.fee.base_units:
        return None
    chain = str(payment.place.chain)
    legs = moved(payment.fee.asset.id, payment.fee.base_units, (BookAccount.PLATFORM, chain), (BookAccount.FEES, chain))
    return Posting("fee", None, legs)


def refund_posting(
    asset: AssetId, base_units: int, merchant: AccountId, holder: AccountId, order_hash: bytes
) -> Posting:
    """Money from a merchant back to a holder."""
    legs = moved(asset, base_units, (BookAccount.MERCHANT, str(merchant)), (BookAccount.HOLDER, str(holder)))
    return Posting("refunded", None, legs, order_hash)
