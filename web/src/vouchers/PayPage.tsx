import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { orderQuery } from "../api/queries";
import type { OrderProgress } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { LockState } from "../session/LockState";
import { PayForm } from "./PayForm";
import { PayProgress } from "./PayProgress";
import { ReceiptCard } from "./ReceiptCard";

/** An order by its link: price, pay, progress, receipt. */
export default function PayPage() {
  const { t } = useWords();
  const { orderId = "" } = useParams();
  const { data, error, refetch } = useQuery(orderQuery(orderId, false));
  return (
    <main className="page page-narrow">
      <div className="row-between">
        <h1>{t("pay.title")}</h1>
        <LockState />
      </div>
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <OrderStage progress={data} />
      )}
    </main>
  );
}

function OrderStage({ progress }: { progress: OrderProgress }) {
  const { t } = useWords();
  const { order, payment } = progress;
  if (order.status === "paid") return <ReceiptCard order={order} />;
  const isOver = order.expires_at !== null && Date.parse(order.expires_at) <= Date.now();
  return (
    <section className="card pay">
      <header className="pay-head">
        <p>{t("pay.to", { merchant: order.merchant_name })}</p>
        <p className="pay-total" data-testid="order-total">
          {currencyText(order.total)}
        </p>
        {order.reference && <p className="quiet">{order.reference}</p>}
      </header>
      {order.status === "cancelled" ? (
        <p className="notice">{t("pay.cancelled")}</p>
      ) : order.status === "pending" ? (
        <PayProgress payment={payment} />
      ) : isOver ? (
        <p className="notice">{t("pay.expired")}</p>
      ) : (
        <PayForm order={order} />
      )}
    </section>
  );
}
