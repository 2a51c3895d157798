"""A receipt as a page to print: Chinese and English side by side, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape

from api.schemas.orders import Receipt
from primitives.currency import Money

_METHODS = {
    "cash": "现金 · cash",
    "card_terminal": "刷卡机 · card terminal",
    "other": "其他 · other",
}

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.3rem}table{width:100%;border-collapse:collapse}td,th{padding:.3rem 0;text-align:left;vertical-align:top}
td:last-child,th:last-child{text-align:right;white-space:nowrap}tr.sum td{border-top:1px solid #111;font-weight:600}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
small{color:#555}@media print{body{margin:0}}
"""


def receipt_page(receipt: Receipt) -> str:
    """The whole HTML document."""
    order, quote, payment = receipt.order, receipt.quote, receipt.payment
    currency = order.currency

    def money(minor: int) -> str:
        return escape(str(Money(minor, currency)))

    rows = [
        f"<tr><td>{escape(line.name)}<br><small>{escape(line.sku)} × {line.quantity}</small></td>"
        f"<td>{money(line.quantity * line.unit_price_minor)}</td></tr>"
        for line in order.lines
    ]
    sums = [_row("合计 · Total", money(order.total.minor))]
    if quote is not None:
        sums += [
            _row(f"券 · Voucher<br><small>{used.voucher}</small>", f"−{money(used.discount_minor)}")
            for used in quote.used
        ]
        sums.append(_row("实付 · Paid", money(quote.remainder.minor)))
    facts = [
        ("订单 · Order", str(order.id)),
        ("商户 · Merchant", order.merchant_name),
        ("完成 · Final", "" if order.paid_at is None else order.paid_at.isoformat()),
    ]
    if payment is not None:
        facts += [
            ("链 · Chain", payment.chain),
            ("交易 · Transaction", payment.tx_hash or ""),
            ("确认 · Finality", payment.finality or ""),
            ("订单哈希 · Order hash", payment.order_hash),
        ]
        facts += [("核销 · Redemption", redemption.id) for redemption in payment.redemptions]
    if receipt.tender is not None:
        said = f"{_METHODS[receipt.tender.method.value]}: {Money(receipt.tender.amount_minor, currency)}"
        facts.append(("商户录入（未经链上证明）· Entered by the merchant, not proved on chain", said))
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>收据 · Receipt {order.id}</title><style>{_STYLE}</style></head><body>"
        f"<h1>收据 · Receipt</h1><p>{escape(order.merchant_name)}"
        + (f" · {escape(order.store)}" if order.store else "")
        + (f"<br><small>{escape(order.reference)}</small>" if order.reference else "")
        + f"</p><table><tbody>{''.join(rows)}{''.join(sums)}</tbody></table><dl>{listed}</dl></body></html>"
    )


def _row(name: str, amount: str) -> str:
    return f'<tr class="sum"><td>{name}</td><td>{amount}</td></tr>'
