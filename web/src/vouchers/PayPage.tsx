import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import "../style/holder.css";
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
import { useNow } from "./useNow";

/** How often an open order is looked at again: the till may take it back, another window may pay it. */
const WATCH = 3000;

/** An order by its link: price, pay, progress, receipt. */
export default function PayPage() {
  const { t } = useWords();
  const { orderId = "" } = useParams();
  const known = orderQuery(orderId, false);
  const { data, error, refetch } = useQuery({
    ...known,
    refetchInterval: (query) => {
      const status = query.state.data?.order.status;
      if (status === "open") return WATCH;
      return status === "pending" ? 700 : false;
    },
  });
  return (
    <main className="page page-narrow">
      <div className="row-between no-print">
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
  const { t, time } = useWords();
  const { order, payment } = progress;
  const now = useNow(1000);
  if (order.status === "paid") return <ReceiptCard order={order} />;
  const isOver = order.expires_at !== null && Date.parse(order.expires_at) <= now;
  const isOpen = order.status === "open" && !isOver;
  return (
    <section className="card pay">
      <header className="pay-head">
        <p>{t("pay.to", { merchant: order.merchant_name })}</p>
        <p className="pay-total" data-testid="order-total">
          {currencyText(order.total)}
        </p>
        {order.reference && <p className="quiet">{order.reference}</p>}
        {isOpen && order.expires_at && <p className="quiet small">{t("pay.until", { time: time(order.expires_at) })}</p>}
      </header>
      {order.status === "cancelled" ? (
        <Over text={t("pay.cancelled")} />
      ) : order.status === "pending" ? (
        <PayProgress payment={payment} />
      ) : isOver ? (
        <Over text={t("pay.expired")} />
      ) : (
        <PayForm order={order} />
      )}
    </section>
  );
}

/** Nothing to pay here any more, and the way on. */
function Over({ text }: { text: string }) {
  const { t } = useWords();
  return (
    <>
      <p className="notice" role="status">
        {text}
      </p>
      <Link to="/holder" className="button button-quiet">
        {t("pay.to_home")}
      </Link>
    </>
  );
}
