import { useQueries, useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { orderQuery, receiptQuery } from "../../api/queries";
import type { Receipt } from "../../api/types";
import { addressOf, chainOf, useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { chainAmountText, currencyText } from "../../money";
import { CopyText } from "../../parts/CopyText";
import { Facts } from "../../parts/Facts";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Heading } from "../parts/Heading";
import { Table } from "../parts/Table";
import { redemptionQuery, refundsQuery } from "../queries";
import { ORDER_CHIPS } from "./chips";
import { DisputeCard } from "./DisputeCard";
import { RefundForm } from "./RefundForm";
import { Refunds } from "./Refunds";

export function OrderPage() {
  const { t } = useWords();
  const { order: id = "" } = useParams();
  const { data, error, refetch } = useQuery(orderQuery(id, true));
  const isPaid = data?.order.status === "paid";
  const receipt = useQuery({ ...receiptQuery(id), enabled: isPaid });
  const back = ["/merchant/orders", t("shop.orders")] as const;
  if (data === undefined) {
    return (
      <>
        <Heading title={t("orders.one")} back={back} />
        {error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />}
      </>
    );
  }
  const { order } = data;
  return (
    <>
      <Heading title={currencyText(order.total)} back={back} chip={<span className={ORDER_CHIPS[order.status]}>{t(`order.${order.status}`)}</span>}>
        {isPaid && (
          <a href={`/api/v1/orders/${id}/receipt.html`} target="_blank" rel="noreferrer" className="button button-quiet button-small">
            {t("orders.print")}
          </a>
        )}
      </Heading>
      {receipt.error && <ProblemNotice error={receipt.error} again={() => void receipt.refetch()} />}
      {receipt.data ? <Paid receipt={receipt.data} /> : isPaid && !receipt.error ? <Loading /> : <Lines lines={order.lines} />}
      {!isPaid && order.failure && <p className="notice notice-warn">{order.failure.message}</p>}
    </>
  );
}

function Lines({ lines, payable }: { lines: Receipt["order"]["lines"]; payable?: readonly number[] }) {
  const { t } = useWords();
  const rows = lines.map((line, place) => ({ ...line, place }));
  return (
    <section className="card" aria-labelledby="lines">
      <h2 id="lines">{t("orders.lines")}</h2>
      <Table
        caption={t("orders.lines")}
        rows={rows}
        keyOf={(line) => String(line.place)}
        columns={[
          { name: t("sold.good"), of: (line) => line.name },
          { name: t("orders.quantity"), of: (line) => line.quantity, figures: true },
          { name: t("orders.price"), of: (line) => currencyText({ minor: line.unit_price_minor * line.quantity, currency: "CNY" }), figures: true },
          ...(payable
            ? [{ name: t("orders.paid_for"), of: (line: (typeof rows)[number]) => currencyText({ minor: payable[line.place] ?? 0, currency: "CNY" }), figures: true }]
            : []),
        ]}
      />
    </section>
  );
}

function Paid({ receipt }: { receipt: Receipt }) {
  const { t, date, time, maybe } = useWords();
  const { name } = useChainNames();
  const { order, payment, quote, tender } = receipt;
  const refunds = useQuery(refundsQuery(order.id));
  const redemptions = useQueries({ queries: (payment?.redemptions ?? []).map((one) => redemptionQuery(one.id)) });
  const disputes = redemptions.flatMap((answer) => (answer.data?.dispute ? [answer.data] : []));
  return (
    <div className="columns columns-even">
      <div className="column">
        <Lines lines={quote?.lines ?? order.lines} payable={quote?.payable_per_line} />
        <section className="card" aria-labelledby="receipt">
          <h2 id="receipt">{t("receipt.heading")}</h2>
          <Facts
            rows={[
              [t("orders.total"), currencyText(quote?.total ?? order.total)],
              [t("orders.discount"), quote && quote.discount.minor > 0 ? `−${currencyText(quote.discount)}` : null],
              [t("orders.tender"), quote && quote.tender.minor > 0 ? currencyText(quote.tender) : null],
              [t("orders.remainder"), quote && order.remainder_by === "onchain" ? `${currencyText(quote.remainder)} (${chainAmountText(quote.remainder_on_chain)})` : null],
              [
                t("orders.by_hand"),
                tender && `${currencyText({ minor: tender.amount_minor, currency: order.currency })} · ${t(`tender.${tender.method}`)}${tender.reference ? ` · ${tender.reference}` : ""}`,
              ],
              [t("receipt.when"), order.paid_at ? `${date(order.paid_at)} ${time(order.paid_at)}` : tender && `${date(tender.entered_at)} ${time(tender.entered_at)}`],
              [t("orders.store"), order.store],
              [t("orders.reference"), order.reference],
              [t("orders.payer"), payment && <CopyText key="payer" text={addressOf(payment.account)} label={t("orders.payer")} />],
              [t("common.chain"), payment && name(chainOf(payment.account))],
              [t("common.transaction"), payment?.tx_hash && <CopyText key="tx" text={payment.tx_hash} label={t("common.transaction")} />],
              [t("receipt.finality"), payment?.finality && maybe(`finality.${payment.finality}`, payment.finality)],
              [t("receipt.order"), <CopyText key="order" text={order.id} label={t("receipt.order")} />],
            ]}
          />
          {tender && <p className="notice notice-warn small">{t("orders.attested")}</p>}
        </section>
      </div>
      <div className="column">
        {disputes.map((redemption) => (
          <DisputeCard key={redemption.id} redemption={redemption} />
        ))}
        <RefundForm receipt={receipt} refunds={refunds.data ?? []} />
        <Refunds query={refunds} />
      </div>
    </div>
  );
}
