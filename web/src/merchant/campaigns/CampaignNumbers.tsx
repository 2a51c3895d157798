import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Bars } from "../charts/Bars";
import { ChartPair } from "../charts/ChartPair";
import { Course } from "../charts/Course";
import { Breakdown } from "../overview/Breakdown";
import { FunnelChart } from "../overview/FunnelChart";
import { useNumbers } from "../overview/numbers";
import { Tiles } from "../overview/Tiles";
import { SaveCsv } from "../parts/Csv";
import { Table } from "../parts/Table";
import { useUnits } from "../parts/units";
import { analyticsQuery, liabilityQuery } from "../queries";
import type { Analytics, By, Liability, Rules, Watch } from "../shapes";
import { useShop, ZONE } from "../shop";

export function CampaignNumbers({ watch }: { watch: Watch }) {
  const shop = useShop();
  const { campaign } = watch;
  const rules = campaign.rules as unknown as Rules;
  const [by, setBy] = useState<By>("day");
  const { data, error, refetch } = useQuery(analyticsQuery(shop.id, campaign.id, by));
  const csv = (part: string) => (
    <SaveCsv
      path={`/campaigns/${campaign.id}/analytics.csv?part=${part}&by=${by}&zone=${encodeURIComponent(ZONE)}`}
      name={`${rules.title}-${part}.csv`}
    />
  );
  if (data === undefined) return error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />;
  return (
    <>
      <FunnelChart total={data.total} />
      <Breakdown by={by} onBy={setBy} rows={data.rows} actions={csv("funnel")} />
      <Effect found={data} />
      <Budget campaign={campaign.id} />
      <LiabilityCourse found={data} unitsPerMinor={unitsPerMinor(watch)} actions={csv("liability")} />
      <Sold found={data} actions={csv("stock")} />
      <GiftsTaken found={data} actions={csv("gifts")} />
    </>
  );
}

function unitsPerMinor(watch: Watch): bigint {
  const { lanes } = watch.campaign.rules as unknown as { lanes: { units_per_minor: string }[] };
  return BigInt(lanes[0]?.units_per_minor ?? "1");
}

/** Cost, and the orders with a voucher beside those without. */
function Effect({ found }: { found: Analytics }) {
  const { t } = useWords();
  const { whole, money, basisPoints } = useNumbers();
  const { cost, uplift, repeat, currency } = found;
  const each = (sales: number, orders: number) => (orders === 0 ? "–" : money(Math.round(sales / orders), currency));
  return (
    <section className="card" aria-labelledby="effect">
      <h2 id="effect">{t("effect_of.title")}</h2>
      <p className="quiet small">{t("effect_of.note")}</p>
      <Tiles
        tiles={[
          { name: t("effect_of.basket"), value: basisPoints(uplift.basket_uplift_bp), note: uplift.with_orders + uplift.without_orders > 0 && t("effect_of.basket_note", { with: each(uplift.with_sales_minor, uplift.with_orders), without: each(uplift.without_sales_minor, uplift.without_orders) }) },
          { name: t("effect_of.sales"), value: basisPoints(uplift.sales_uplift_bp), note: t("effect_of.sales_note", { before: money(uplift.before_sales_minor, currency) }) },
          { name: t("effect_of.back"), value: `${whole(repeat.came_back)} / ${whole(repeat.persons)}`, note: t("effect_of.first", { count: whole(repeat.first_timers) }) },
          { name: t("effect_of.cost"), value: money(cost.discount_minor, currency), note: t("effect_of.cost_note", { sponsor: money(cost.sponsor_minor, currency), merchant: money(cost.merchant_minor, currency) }) },
        ]}
      />
    </section>
  );
}

/** Paid out and not come back: a refund returns a payout to escrow, a reclaim takes what is left. */
function used({ funded, escrow, paid }: Liability): bigint {
  const gone = BigInt(funded) - BigInt(escrow);
  return gone < BigInt(paid) ? gone : BigInt(paid);
}

/** What is set aside on each chain, and what it may still cost. */
function Budget({ campaign }: { campaign: string }) {
  const { t } = useWords();
  const shop = useShop();
  const units = useUnits();
  const { name } = useChainNames();
  const { whole, basisPoints } = useNumbers();
  const { data, error } = useQuery(liabilityQuery(shop.id, campaign));
  if (error && !data) return <ProblemNotice error={error} />;
  if (!data || data.length === 0) return null;
  return (
    <section className="card" aria-labelledby="budget">
      <h2 id="budget">{t("budget.title")}</h2>
      {data.map((lane) => (
        <div key={lane.chain} className="budget">
          <div className="row-between">
            <strong>{name(lane.chain)}</strong>
            <span className="figures">{t("budget.used", { paid: units(lane.asset, used(lane).toString()), funded: units(lane.asset, lane.funded) })}</span>
          </div>
          <progress max={1} value={lane.funded === "0" ? 0 : Number((used(lane) * 1000n) / BigInt(lane.funded)) / 1000} aria-label={t("budget.title")} />
        </div>
      ))}
      <Table
        caption={t("budget.title")}
        rows={data}
        keyOf={(lane) => lane.chain}
        columns={[
          { name: t("common.chain"), of: (lane) => name(lane.chain) },
          { name: t("budget.escrow"), of: (lane) => units(lane.asset, lane.escrow), figures: true },
          { name: t("budget.liability"), of: (lane) => units(lane.asset, lane.liability), figures: true },
          { name: t("budget.surplus"), of: (lane) => units(lane.asset, lane.surplus), figures: true },
          { name: t("budget.outstanding"), of: (lane) => whole(lane.outstanding), figures: true },
          { name: t("budget.breakage"), of: (lane) => `${whole(lane.breakage)} (${basisPoints(lane.breakage_bp)})`, figures: true },
        ]}
      />
    </section>
  );
}

function LiabilityCourse({ found, unitsPerMinor: rate, actions }: { found: Analytics; unitsPerMinor: bigint; actions: ReactNode }) {
  const { t } = useWords();
  const { whole, money, shortMoney, day, date } = useNumbers();
  if (found.liability.length === 0) return null;
  const points = found.liability.map((one) => ({ ...one, minor: Number(BigInt(one.liability_units) / rate) }));
  return (
    <ChartPair
      title={t("liability.title")}
      note={t("liability.note")}
      actions={actions}
      chart={
        <Course
          label={`${t("liability.title")}: ${points.map((one) => `${one.day} ${money(one.minor, found.currency)}`).join("; ")}`}
          points={points.map((one) => ({ name: day(one.day), value: one.minor }))}
          text={shortMoney}
        />
      }
      rows={[...points].reverse()}
      keyOf={(one) => one.day}
      columns={[
        { name: t("numbers.by_day"), of: (one) => <span className="whole-word">{date(one.day)}</span> },
        { name: t("liability.outstanding"), of: (one) => whole(one.outstanding), figures: true },
        { name: t("liability.amount"), of: (one) => money(one.minor, found.currency), figures: true },
        { name: t("liability.breakage"), of: (one) => whole(one.breakage), figures: true },
      ]}
    />
  );
}

function Sold({ found, actions }: { found: Analytics; actions: ReactNode }) {
  const { t } = useWords();
  const { whole, money } = useNumbers();
  if (found.stock.length === 0) return null;
  return (
    <ChartPair
      title={t("sold.title")}
      actions={actions}
      chart={<Bars label={t("sold.title")} bars={found.stock.slice(0, 8).map((one) => ({ name: one.name, value: one.units_with, text: whole(one.units_with) }))} />}
      rows={found.stock}
      keyOf={(one) => one.sku}
      columns={[
        { name: t("sold.good"), of: (one) => one.name },
        { name: t("sold.with"), of: (one) => whole(one.units_with), figures: true },
        { name: t("sold.without"), of: (one) => whole(one.units_without), figures: true },
        { name: t("sold.returned"), of: (one) => whole(one.units_returned), figures: true },
        { name: t("numbers.sales"), of: (one) => money(one.amount_with_minor, found.currency), figures: true },
      ]}
    />
  );
}

function GiftsTaken({ found, actions }: { found: Analytics; actions: ReactNode }) {
  const { t } = useWords();
  const { whole } = useNumbers();
  if (found.gifts.length === 0) return null;
  return (
    <ChartPair
      title={t("taken.title")}
      actions={actions}
      chart={<Bars label={t("taken.title")} bars={found.gifts.map((one) => ({ name: one.name, value: one.units_given, text: whole(one.units_given) }))} />}
      rows={found.gifts}
      keyOf={(one) => one.sku}
      columns={[
        { name: t("gift.name"), of: (one) => one.name },
        { name: t("taken.given"), of: (one) => whole(one.units_given), figures: true },
        { name: t("taken.waiting"), of: (one) => whole(one.waiting), figures: true },
        { name: t("taken.delivered"), of: (one) => whole(one.delivered), figures: true },
        { name: t("sold.returned"), of: (one) => whole(one.units_returned), figures: true },
        { name: t("gift.stock"), of: (one) => whole(one.stock), figures: true },
      ]}
    />
  );
}
