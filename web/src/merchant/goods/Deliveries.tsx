import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Listed } from "../parts/Listed";
import { deliveriesQuery } from "../queries";
import type { GiftDelivery } from "../shapes";
import { useShop } from "../shop";

const CHIPS = { backordered: "chip chip-bad", due: "chip chip-warn", shipped: "chip chip-busy", delivered: "chip chip-good", returned: "chip" } as const;

/** Gifts that are owed or were given. */
export function Deliveries() {
  const { t, date, time } = useWords();
  const shop = useShop();
  const query = useQuery(deliveriesQuery(shop.id));
  return (
    <section className="card" aria-labelledby="deliveries">
      <h2 id="deliveries">{t("goods.deliveries")}</h2>
      <Listed query={query} empty={t("delivery.none")}>
        {(deliveries) => (
          <ul className="rows">
            {deliveries.map((found) => (
              <li key={found.id} className="row-between">
                <span>
                  <strong>
                    {found.name} × {found.units}
                  </strong>
                  <small className="quiet block">
                    {t(`delivery.by_${found.delivery}`)} · {date(found.created_at)} {time(found.created_at)}
                    {found.order && (
                      <>
                        {" · "}
                        <Link to={`/merchant/orders/${found.order}`}>{t("cases.to_order")}</Link>
                      </>
                    )}
                  </small>
                  {found.shipping && <small className="block">{found.shipping}</small>}
                </span>
                <span className="row">
                  <span className={CHIPS[found.status]}>{t(`delivery.${found.status}`)}</span>
                  <Advance found={found} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </section>
  );
}

function Advance({ found }: { found: GiftDelivery }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const next =
    found.status === "backordered"
      ? "due"
      : found.status === "due"
        ? found.delivery === "shipped"
          ? "shipped"
          : "delivered"
        : found.status === "shipped"
          ? "delivered"
          : null;
  const advance = useMutation({
    mutationFn: () => post<GiftDelivery>(`/gifts/deliveries/${found.id}/advance`, { status: next }, { organisation: shop.id }),
    onSettled: () => client.invalidateQueries({ queryKey: deliveriesQuery(shop.id).queryKey }),
  });
  if (next === null) return null;
  return (
    <>
      <button type="button" className="button button-quiet button-small" disabled={advance.isPending} onClick={() => advance.mutate()}>
        {t(`delivery.to_${next}`)}
      </button>
      <ProblemNotice error={advance.error} />
    </>
  );
}
