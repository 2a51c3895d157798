import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { useWords } from "../i18n/language";
import { PagedList } from "../merchant/parts/Listed";
import { cataloguePagesQuery } from "../merchant/queries";
import type { Good } from "../merchant/shapes";
import { currencyText } from "../money";

export interface Item {
  good: Good;
  count: number;
}

const MOST = 999;

/** What lies in the basket; kept over a reload and over signing in again. */
export function useBasket(organisation: string) {
  const memory = `quanbao.basket ${organisation}`;
  const [items, setItems] = useState<readonly Item[]>(() => {
    try {
      return JSON.parse(sessionStorage.getItem(memory) ?? "[]") as Item[];
    } catch {
      return [];
    }
  });
  const keep = (next: readonly Item[]) => {
    sessionStorage.setItem(memory, JSON.stringify(next));
    setItems(next);
  };
  const set = (good: Good, count: number) => {
    const others = items.filter((item) => item.good.sku !== good.sku);
    const at = items.findIndex((item) => item.good.sku === good.sku);
    const bounded = Math.min(MOST, count);
    if (bounded <= 0) keep(others);
    else if (at < 0) keep([...items, { good, count: bounded }]);
    else keep(items.map((item, place) => (place === at ? { good, count: bounded } : item)));
  };
  return { items, set, empty: () => keep([]), count: items.reduce((sum, item) => sum + item.count, 0) };
}

export function linesOf(items: readonly Item[]) {
  return items.map(({ good, count }) => ({
    sku: good.sku,
    name: good.name,
    quantity: count,
    unit_price_minor: good.unit_price.minor,
    category: good.category,
  }));
}

/** Goods to tap, and what was tapped. */
export function Basket({ organisation, basket }: { organisation: string; basket: ReturnType<typeof useBasket> }) {
  const { t } = useWords();
  const query = useInfiniteQuery(cataloguePagesQuery(organisation));
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const fits = (good: Good) => good.sold && good.unit_price.currency === "CNY" && [good.name, good.sku, good.category].some((part) => part?.toLowerCase().includes(wanted));
  const countOf = (good: Good) => basket.items.find((item) => item.good.sku === good.sku)?.count ?? 0;
  return (
    <>
      <input type="search" aria-label={t("till.find")} placeholder={t("till.find")} value={text} onChange={(event) => setText(event.target.value)} />
      <div className="till-goods">
        <PagedList
          query={query}
          empty={
            <>
              {t("till.no_goods")} <Link to="/merchant/goods">{t("till.to_goods")}</Link>
            </>
          }
        >
          {(goods) => (
            <ul>
              {goods.filter(fits).map((good) => (
                <li key={good.sku}>
                  <button type="button" className="till-good" onClick={() => basket.set(good, countOf(good) + 1)}>
                    <span>{good.name}</span>
                    <span className="quiet small figures">{currencyText(good.unit_price)}</span>
                    {countOf(good) > 0 && <span className="till-good-count figures">{countOf(good)}</span>}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </PagedList>
      </div>
      {basket.items.length > 0 && (
        <ul className="till-basket" aria-label={t("till.by_basket")}>
          {basket.items.map(({ good, count }) => (
            <li key={good.sku} className="row-between">
              <span>{good.name}</span>
              <span className="row">
                <span className="figures">{currencyText({ minor: good.unit_price.minor * count, currency: good.unit_price.currency })}</span>
                <span className="stepper-count">
                  <button type="button" aria-label={t("till.less", { name: good.name })} onClick={() => basket.set(good, count - 1)}>
                    −
                  </button>
                  <output className="figures">{count}</output>
                  <button type="button" aria-label={t("till.plus", { name: good.name })} onClick={() => basket.set(good, count + 1)}>
                    +
                  </button>
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
