import { useQuery } from "@tanstack/react-query";

import { Problem } from "../api/problem";
import { receiptQuery } from "../api/queries";
import type { Order } from "../api/types";
import { chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";

/** What was paid and where the chain says so; for payer and merchant. */
export function ReceiptCard({ order }: { order: Order }) {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const { data: receipt, error, refetch } = useQuery(receiptQuery(order.id));
  if (error instanceof Problem && error.status === 404) return <p className="notice notice-good">{t("pay.paid_other")}</p>;
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (receipt === undefined) return <Loading />;
  const { payment, quote } = receipt;
  return (
    <section className="card receipt">
      <header className="done" role="status">
        <span className="done-mark" aria-hidden="true">
          ✓
        </span>
        <h2>{t("receipt.title")}</h2>
        <p className="pay-total" data-testid="paid">
          {currencyText(quote?.remainder ?? order.total)}
        </p>
        <p>{t("pay.to", { merchant: order.merchant_name })}</p>
        {quote && quote.discount.minor > 0 && (
          <p className="chip chip-good">{t("voucher.saved", { amount: currencyText(quote.discount) })}</p>
        )}
      </header>
      <h3>{t("receipt.heading")}</h3>
      <Facts
        rows={[
          [t("pay.total"), currencyText(quote?.total ?? order.total)],
          [t("receipt.paid"), quote && chainAmountText(quote.remainder_on_chain)],
          [t("receipt.when"), order.paid_at && `${date(order.paid_at)} ${time(order.paid_at)}`],
          [t("common.chain"), payment && name(chainOf(payment.account))],
          [t("common.transaction"), payment?.tx_hash && <CopyText text={payment.tx_hash} label={t("common.transaction")} />],
          [t("common.block"), payment?.height],
          [t("receipt.finality"), payment?.finality && maybe(`finality.${payment.finality}`, payment.finality)],
          ...(payment?.redemptions ?? []).map(
            (redemption) =>
              [t("receipt.voucher"), <CopyText key={redemption.id} text={redemption.voucher} label={t("receipt.voucher")} />] as const,
          ),
          ...(payment?.redemptions ?? []).map(
            (redemption) =>
              [t("receipt.redemption"), <CopyText key={redemption.id} text={redemption.id} label={t("receipt.redemption")} />] as const,
          ),
          [t("receipt.order"), <CopyText key="order" text={order.id} label={t("receipt.order")} />],
        ]}
      />
    </section>
  );
}
