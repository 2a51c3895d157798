import { useQuery } from "@tanstack/react-query";

import { ordersQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";

const CHIPS = { open: "chip", pending: "chip chip-busy", paid: "chip chip-good", cancelled: "chip" } as const;

/** What was charged since midnight, by this device's clock. */
export function Today({ organisation, onShow }: { organisation: string; onShow: (order: string) => void }) {
  const { t, time } = useWords();
  const { data, error, refetch } = useQuery(ordersQuery(organisation));
  if (error && !data) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const midnight = new Date().setHours(0, 0, 0, 0);
  const orders = data.filter((order) => Date.parse(order.created_at) >= midnight);
  const paid = orders.filter((order) => order.status === "paid");
  const sum = paid.reduce((minor, order) => minor + BigInt(order.total.minor), 0n);
  return (
    <section className="card" aria-labelledby="today">
      <div className="row-between">
        <h2 id="today">{t("till.today")}</h2>
        {paid.length > 0 && (
          <span className="quiet small">
            {t("till.today_sum", { count: paid.length, sum: currencyText({ minor: sum, currency: paid[0]?.currency ?? "CNY" }) })}
          </span>
        )}
      </div>
      {orders.length === 0 ? (
        <p className="quiet">{t("till.none_today")}</p>
      ) : (
        <ul className="plain list">
          {orders.map((order) => (
            <li key={order.id}>
              <button type="button" className="list-row" onClick={() => onShow(order.id)}>
                <span className="figures quiet">{time(order.created_at)}</span>
                <span className="figures">{currencyText(order.total)}</span>
                <span className="list-rest quiet small">{order.reference}</span>
                <span className={CHIPS[order.status]}>{t(`order.${order.status}`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
