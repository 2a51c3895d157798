import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Order } from "../api/types";
import { useWords } from "../i18n/language";
import { Listed } from "../merchant/parts/Listed";
import { ORDER_CHIPS } from "../merchant/orders/chips";
import { currencyText } from "../money";
import { todayQuery } from "./queries";

/** What was charged since midnight, with its sums. */
export function Today({ organisation }: { organisation: string }) {
  const { t } = useWords();
  const query = useQuery(todayQuery(organisation));
  return (
    <section className="card" aria-labelledby="today">
      <h2 id="today">{t("till.today")}</h2>
      <Listed query={query} empty={t("till.none_today")}>
        {(orders) => (
          <>
            <Sums orders={orders} />
            <ul className="rows">
              {orders.map((order) => (
                <li key={order.id}>
                  <Row order={order} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Listed>
    </section>
  );
}

function Sums({ orders }: { orders: readonly Order[] }) {
  const { t } = useWords();
  const paid = orders.filter((order) => order.status === "paid");
  const sum = (some: readonly Order[]) => currencyText({ minor: some.reduce((all, order) => all + BigInt(order.total.minor), 0n), currency: "CNY" });
  const byHand = paid.filter((order) => order.remainder_by === "recorded");
  return (
    <dl className="till-sums">
      <div>
        <dt>{t("till.sum_paid", { count: paid.length })}</dt>
        <dd className="figures">{sum(paid)}</dd>
      </div>
      {byHand.length > 0 && (
        <div>
          <dt>{t("till.sum_hand", { count: byHand.length })}</dt>
          <dd className="figures">{sum(byHand)}</dd>
        </div>
      )}
      <div>
        <dt>{t("till.sum_open")}</dt>
        <dd className="figures">{orders.filter((order) => order.status === "open" || order.status === "pending").length}</dd>
      </div>
    </dl>
  );
}

function Row({ order }: { order: Order }) {
  const { t, time } = useWords();
  return (
    <Link to={`/till/order/${order.id}`} className="row-link">
      <span className="figures quiet">{time(order.created_at)}</span>
      <span className="row-main">
        <span className="figures">{currencyText(order.total)}</span>
        {order.reference && <span className="quiet small">{order.reference}</span>}
      </span>
      <span className={ORDER_CHIPS[order.status]}>{t(`order.${order.status}`)}</span>
    </Link>
  );
}
