import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import type { Order } from "../../api/types";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { Heading } from "../parts/Heading";
import { PagedList } from "../parts/Listed";
import { Tabs } from "../parts/Tabs";
import { orderPagesQuery } from "../queries";
import { useShop } from "../shop";
import { ORDER_CHIPS } from "./chips";

export function OrderTabs() {
  const { t } = useWords();
  return (
    <Tabs
      label={t("shop.orders")}
      tabs={[
        ["/merchant/orders", t("orders.list")],
        ["/merchant/settlement", t("orders.settlement")],
      ]}
    />
  );
}

/** What the shop has charged, newest first. */
export function OrderList() {
  const { t } = useWords();
  const shop = useShop();
  const query = useInfiniteQuery(orderPagesQuery(shop.id));
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const wanted = text.trim().toLowerCase();
  const fits = (order: Order) =>
    (status === "" || order.status === status) &&
    (wanted === "" || [order.id, order.reference, order.store, currencyText(order.total), ...order.lines.map((line) => line.name)].some((part) => part?.toLowerCase().includes(wanted)));
  return (
    <>
      <Heading title={t("shop.orders")} />
      <OrderTabs />
      <div className="row filters">
        <input type="search" aria-label={t("orders.find")} placeholder={t("orders.find")} value={text} onChange={(event) => setText(event.target.value)} />
        <select aria-label={t("orders.status")} value={status} onChange={(event) => setStatus(event.target.value)} className="select-small">
          <option value="">{t("orders.any")}</option>
          {(["open", "pending", "paid", "cancelled"] as const).map((one) => (
            <option key={one} value={one}>
              {t(`order.${one}`)}
            </option>
          ))}
        </select>
      </div>
      <PagedList query={query} empty={t("orders.none")}>
        {(orders) => {
          const shown = orders.filter(fits);
          if (shown.length === 0) return <p className="empty quiet">{t("orders.none_found")}</p>;
          return (
            <ul className="card rows" aria-label={t("orders.list")}>
              {shown.map((order) => (
                <li key={order.id}>
                  <Row order={order} />
                </li>
              ))}
            </ul>
          );
        }}
      </PagedList>
    </>
  );
}

function Row({ order }: { order: Order }) {
  const { t, date, time } = useWords();
  return (
    <Link to={`/merchant/orders/${order.id}`} className="row-link">
      <span className="row-main">
        <strong>{order.lines.map((line) => (line.quantity > 1 ? `${line.name} × ${line.quantity}` : line.name)).join(", ")}</strong>
        <span className="quiet small figures">
          {date(order.created_at)} {time(order.created_at)}
          {order.reference && ` · ${order.reference}`}
          {order.store && ` · ${order.store}`}
        </span>
      </span>
      <strong className="figures">{currencyText(order.total)}</strong>
      <span className={ORDER_CHIPS[order.status]}>{t(`order.${order.status}`)}</span>
    </Link>
  );
}
