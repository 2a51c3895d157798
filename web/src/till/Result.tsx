import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { receiptQuery } from "../api/queries";
import type { OrderProgress, Receipt } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";

/** The end that everybody can see from where they stand: colour, mark and words. */
export function Paid({ progress, onNext }: { progress: OrderProgress; onNext: () => void }) {
  const { t } = useWords();
  const { order } = progress;
  const isFinal = order.status === "paid";
  const receipt = useQuery({ ...receiptQuery(order.id), enabled: isFinal }).data;
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);
  return (
    <section className="result result-good" role="status">
      <span className="result-mark" aria-hidden="true">
        ✓
      </span>
      <h2>{t("till.paid")}</h2>
      <p className="pay-total figures" data-testid="till-paid">
        {currencyText(order.total)}
      </p>
      {receipt && <Told receipt={receipt} />}
      {!isFinal && <p>{t("till.in_block")}</p>}
      <button ref={next} type="button" className="button till-go" onClick={onNext}>
        {t("till.next")}
      </button>
      {isFinal && (
        <a href={`/api/v1/orders/${order.id}/receipt.html`} target="_blank" rel="noreferrer" className="button button-quiet">
          {t("till.receipt")}
        </a>
      )}
    </section>
  );
}

/** What came from the customer, from vouchers, and by hand. */
function Told({ receipt }: { receipt: Receipt }) {
  const { t } = useWords();
  const { quote, tender, order } = receipt;
  if (tender) {
    const amount = currencyText({ minor: tender.amount_minor, currency: order.currency });
    const discount = quote && quote.discount.minor > 0 ? ` ${t("till.by_voucher", { discount: currencyText(quote.discount) })}` : "";
    return (
      <p>
        {t("till.paid_hand", { amount, method: t(`tender.${tender.method}`) })}
        {discount}
      </p>
    );
  }
  if (!quote) return null;
  const paid = currencyText(quote.remainder);
  return (
    <p>
      {quote.discount.minor > 0 ? t("till.paid_text", { paid, discount: currencyText(quote.discount) }) : t("till.paid_plain", { paid })}
      {quote.tender.minor > 0 && ` ${t("till.by_balance", { amount: currencyText(quote.tender) })}`}
    </p>
  );
}

export function Taken({ total, onNext }: { total: string; onNext: () => void }) {
  const { t } = useWords();
  return (
    <section className="result">
      <span className="result-mark" aria-hidden="true">
        ↩
      </span>
      <h2>{t("till.cancelled")}</h2>
      <p className="pay-total figures">{total}</p>
      <p>{t("till.cancelled_text")}</p>
      <button type="button" className="button till-go" onClick={onNext}>
        {t("till.next")}
      </button>
    </section>
  );
}
