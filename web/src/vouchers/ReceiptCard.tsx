import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { Problem } from "../api/problem";
import { receiptQuery } from "../api/queries";
import type { Order, Receipt } from "../api/types";
import { chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { FollowShop } from "./FollowShop";
import { PriceLines } from "./PriceLines";
import { Refunds } from "./Refunds";
import { ShareSheet } from "./ShareSheet";

/** What was paid and where the chain says so; for payer and merchant. */
export function ReceiptCard({ order }: { order: Order }) {
  const { t } = useWords();
  const { data: receipt, error, refetch } = useQuery(receiptQuery(order.id));
  if (error instanceof Problem && error.status === 404) return <p className="notice notice-good">{t("pay.paid_other")}</p>;
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (receipt === undefined) return <Loading />;
  const { quote } = receipt;
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
      <Refunds order={order.id} />
      <h3>{t("receipt.heading")}</h3>
      {quote && <PriceLines quote={quote} open />}
      <ReceiptFacts order={order} receipt={receipt} />
      <Acts order={order} receipt={receipt} />
    </section>
  );
}

function ReceiptFacts({ order, receipt }: { order: Order; receipt: Receipt }) {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const { payment, quote, tender } = receipt;
  const { currency } = order;
  return (
    <Facts
      rows={[
        [t("receipt.shop"), order.merchant_name],
        [t("receipt.reference"), order.reference],
        [t("pay.total"), currencyText(quote?.total ?? order.total)],
        [t("receipt.paid"), quote?.remainder.minor ? chainAmountText(quote.remainder_on_chain) : null],
        [
          t("receipt.tender"),
          tender && t(`receipt.tender_${tender.method}`, { amount: currencyText({ minor: tender.amount_minor, currency }) }),
        ],
        [t("receipt.when"), order.paid_at && `${date(order.paid_at)} ${time(order.paid_at)}`],
        [t("common.chain"), payment && name(chainOf(payment.account))],
        [t("common.transaction"), payment?.tx_hash && <CopyText text={payment.tx_hash} label={t("common.transaction")} />],
        [t("common.block"), payment?.height],
        [t("receipt.finality"), payment?.finality && maybe(`finality.${payment.finality}`, payment.finality)],
        ...(payment?.redemptions ?? []).flatMap(
          (redemption) =>
            [
              [t("receipt.voucher"), <CopyText key="v" text={redemption.voucher} label={t("receipt.voucher")} />],
              [t("receipt.redemption"), <CopyText key="r" text={redemption.id} label={t("receipt.redemption")} />],
            ] as const,
        ),
        [t("receipt.order"), <CopyText key="order" text={order.id} label={t("receipt.order")} />],
      ]}
    />
  );
}

function Acts({ order, receipt }: { order: Order; receipt: Receipt }) {
  const { t } = useWords();
  const [sharing, setSharing] = useState(false);
  const { quote } = receipt;
  const text = t("receipt.text", {
    merchant: order.merchant_name,
    amount: currencyText(quote?.remainder ?? order.total),
    saved: currencyText(quote?.discount ?? { minor: 0, currency: order.currency }),
  });
  return (
    <>
      <div className="row receipt-acts no-print">
        <button type="button" className="button button-quiet" onClick={() => print()}>
          {t("receipt.print")}
        </button>
        <button type="button" className="button button-quiet" onClick={() => setSharing(true)}>
          {t("receipt.share")}
        </button>
        <Link
          className="button button-quiet"
          to={`/support/new?${new URLSearchParams({ about: "order", subject: order.id, title: order.merchant_name })}`}
        >
          {t("receipt.help")}
        </Link>
      </div>
      <div className="row-between no-print">
        <FollowShop merchant={order.merchant} shop={order.merchant_name} />
        <Link to="/holder">{t("pay.to_home")}</Link>
      </div>
      {sharing && (
        <ShareSheet title={t("receipt.heading")} text={text} url={`${location.origin}/pay/${order.id}`} onClose={() => setSharing(false)} />
      )}
    </>
  );
}
