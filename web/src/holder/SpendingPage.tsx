import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Budgets } from "./Budgets";
import { Choice } from "./Choice";
import { Empty } from "./Empty";
import { spendingQuery } from "./queries";
import { Screen } from "./Screen";
import type { SpendingLine } from "./shapes";

type Span = "1" | "3" | "12";

/** `2026-11`, so many months before the one of `now` in this zone's calendar. */
function monthBefore(now: Date, months: number): string {
  const first = new Date(now.getFullYear(), now.getMonth() - months, 1);
  return `${first.getFullYear()}-${String(first.getMonth() + 1).padStart(2, "0")}`;
}

/** What was spent in shops, by month, category and shop, and what vouchers saved. */
export default function SpendingPage() {
  const { t } = useWords();
  const [span, setSpan] = useState<Span>("1");
  const [now] = useState(() => new Date());
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const first = monthBefore(now, Number(span) - 1);
  const { data, error, refetch } = useQuery(spendingQuery(first, monthBefore(now, 0), zone));
  return (
    <Screen title={t("spending.title")} back="/holder/more">
      <Choice
        label={t("spending.months")}
        quietly
        value={span}
        options={[
          ["1", t("spending.month_now")],
          ["3", t("spending.month_3")],
          ["12", t("spending.month_12")],
        ]}
        onChange={setSpan}
      />
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <Empty>{t("spending.none")}</Empty>
      ) : (
        <>
          {data.totals.map((total) => (
            <section key={total.currency} className="card" aria-label={t("spending.spent")}>
              <dl className="tiles">
                <Tile name={t("spending.spent")} minor={total.spent_minor} currency={total.currency} />
                <Tile name={t("spending.saved")} minor={total.saved_minor} currency={total.currency} good />
                {total.refunded_minor > 0 && (
                  <Tile name={t("spending.refunded")} minor={total.refunded_minor} currency={total.currency} />
                )}
              </dl>
            </section>
          ))}
          {span !== "1" && <Bars title={t("spending.by_month")} lines={data.items} keyOf={(line) => line.month} byKey />}
          <Bars
            title={t("spending.by_category")}
            lines={data.items}
            keyOf={(line) => line.category ?? t("spending.no_category")}
          />
          <Bars title={t("spending.by_merchant")} lines={data.items} keyOf={(line) => line.merchant_name} />
        </>
      )}
      <Budgets
        categories={[...new Set(data?.items.flatMap((line) => (line.category ? [line.category] : [])) ?? [])].sort()}
        zone={zone}
      />
    </Screen>
  );
}

function Tile({ name, minor, currency, good }: { name: string; minor: number; currency: string; good?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={good ? "good" : undefined}>{currencyText({ minor, currency })}</dd>
    </div>
  );
}

interface BarsProps {
  title: string;
  lines: readonly SpendingLine[];
  keyOf: (line: SpendingLine) => string;
  /** Newest first, instead of the largest first. */
  byKey?: boolean;
}

interface Sum {
  name: string;
  currency: string;
  spent: number;
  saved: number;
  orders: number;
}

/** Sums with bars; currencies are never added to each other. */
function Bars({ title, lines, keyOf, byKey = false }: BarsProps) {
  const { t } = useWords();
  const sums = new Map<string, Sum>();
  for (const line of lines) {
    const name = keyOf(line);
    const key = `${name} ${line.currency}`;
    const before = sums.get(key) ?? { name, currency: line.currency, spent: 0, saved: 0, orders: 0 };
    sums.set(key, {
      ...before,
      spent: before.spent + line.spent_minor,
      saved: before.saved + line.saved_minor,
      orders: before.orders + line.orders,
    });
  }
  const shown = [...sums.values()].sort((one, other) =>
    byKey ? other.name.localeCompare(one.name) : other.spent - one.spent,
  );
  const most = Math.max(1, ...shown.map((sum) => sum.spent));
  return (
    <section className="group" aria-label={title}>
      <h2>{title}</h2>
      <ul className="card bars">
        {shown.map((sum) => (
          <li key={`${sum.name} ${sum.currency}`}>
            <div className="row-between">
              <span>{sum.name}</span>
              <span className="figures">{currencyText({ minor: sum.spent, currency: sum.currency })}</span>
            </div>
            <meter min={0} max={most} value={Math.max(0, sum.spent)} aria-label={sum.name} />
            <div className="row-between quiet small">
              <span>{t("spending.orders", { count: sum.orders })}</span>
              {sum.saved > 0 && (
                <span className="good">
                  {t("spending.saved")} {currencyText({ minor: sum.saved, currency: sum.currency })}
                </span>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
