import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { campaignsQuery } from "../../api/queries";
import type { Campaign } from "../../api/types";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Bars } from "../charts/Bars";
import { ChartPair } from "../charts/ChartPair";
import { Choice } from "../parts/Choice";
import { SaveCsv } from "../parts/Csv";
import { Heading } from "../parts/Heading";
import { useUnitsByKind } from "../parts/units";
import { analyticsQuery, liabilityQuery } from "../queries";
import type { By, Rules } from "../shapes";
import { useShop, ZONE } from "../shop";
import { Breakdown } from "./Breakdown";
import { Cohorts } from "./Cohorts";
import { FunnelChart } from "./FunnelChart";
import { useNumbers } from "./numbers";
import { rowsOf, sumOf } from "./sums";
import { Tiles } from "./Tiles";
import { ToDo } from "./ToDo";

/** So many of the newest campaigns are added up: each is read by itself. */
const MOST = 12;

const titleOf = (campaign: Campaign | undefined) => (campaign?.rules as unknown as Rules | undefined)?.title ?? "";

export function OverviewPage() {
  const { t } = useWords();
  const shop = useShop();
  const { data, error, refetch } = useQuery(campaignsQuery(shop.id));
  const launched = data?.filter((campaign) => campaign.status !== "draft").slice(0, MOST);
  return (
    <>
      <Heading title={shop.name}>
        <Link to="/till" className="button button-quiet">
          {t("shop.to_till")}
        </Link>
        <Link to="/merchant/campaigns/new" className="button">
          {t("campaign.new")}
        </Link>
      </Heading>
      <ToDo campaigns={data ?? []} />
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : launched === undefined ? (
        <Loading />
      ) : launched.length === 0 ? (
        <section className="card empty-card">
          <h2>{t("overview.first_title")}</h2>
          <p className="quiet">{t("overview.first_text")}</p>
          <Link to="/merchant/campaigns/new" className="button">
            {t("campaign.new")}
          </Link>
        </section>
      ) : (
        <Numbers campaigns={launched} />
      )}
    </>
  );
}

function Numbers({ campaigns }: { campaigns: readonly Campaign[] }) {
  const { t } = useWords();
  const shop = useShop();
  const units = useUnitsByKind();
  const { whole, money, basisPoints } = useNumbers();
  const [chosen, setChosen] = useState("");
  const [by, setBy] = useState<By>("day");
  const shown = campaigns.filter((campaign) => chosen === "" || campaign.id === chosen);
  const answers = useQueries({ queries: shown.map((campaign) => analyticsQuery(shop.id, campaign.id, by)) });
  const liabilities = useQueries({ queries: shown.map((campaign) => liabilityQuery(shop.id, campaign.id)) });
  const found = answers.flatMap((answer) => (answer.data ? [answer.data] : []));
  const failed = answers.find((answer) => answer.error && !answer.data);
  if (failed) return <ProblemNotice error={failed.error} again={() => void failed.refetch()} />;
  if (found.length < shown.length) return <Loading />;

  const total = sumOf(found.map((each) => each.total));
  const lanes = liabilities.flatMap((answer) => answer.data ?? []);
  const perAsset = (name: "liability" | "escrow") => {
    // The same money on several chains is one sum.
    const sums = new Map<string, { asset: string; sum: bigint }>();
    for (const lane of lanes) {
      const kind = units.kindOf(lane.asset);
      sums.set(kind, { asset: lane.asset, sum: (sums.get(kind)?.sum ?? 0n) + BigInt(lane[name]) });
    }
    return <span className="stack">{[...sums].map(([kind, { asset, sum }]) => <span key={kind}>{units.text(asset, sum.toString())}</span>)}</span>;
  };
  const sales = found.map((each) => ({ ...each, name: titleOf(campaigns.find((campaign) => campaign.id === each.campaign)) }));
  const only = shown.length === 1 ? shown[0] : undefined;
  return (
    <>
      {campaigns.length > 1 && (
        <div className="narrow">
          <Choice
            label={t("overview.which")}
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
            options={[["", t("overview.all", { count: campaigns.length })], ...campaigns.map((one) => [one.id, titleOf(one)] as const)]}
          />
        </div>
      )}
      <Tiles
        tiles={[
          { name: t("overview.sales"), value: money(total.sales_minor), note: t("overview.orders", { count: whole(total.orders) }) },
          { name: t("overview.saved"), value: money(total.discount_minor), note: t("overview.redeemed", { count: whole(total.redeemed) }) },
          { name: t("overview.liability"), value: perAsset("liability"), note: t("overview.liability_note") },
          { name: t("overview.budget"), value: perAsset("escrow"), note: t("overview.budget_note") },
        ]}
      />
      <FunnelChart total={total} />
      <Breakdown
        by={by}
        onBy={setBy}
        rows={rowsOf(found)}
        actions={
          only ? (
            <SaveCsv
              path={`/campaigns/${only.id}/analytics.csv?part=funnel&by=${by}&zone=${encodeURIComponent(ZONE)}`}
              name={`${titleOf(only)}-${by}.csv`}
            />
          ) : (
            <span className="quiet small">{t("overview.export_one")}</span>
          )
        }
      />
      <ChartPair
        title={t("overview.by_voucher")}
        note={t("overview.by_voucher_note")}
        chart={
          <Bars
            label={t("overview.by_voucher")}
            bars={sales.map((row) => ({ name: row.name, value: row.total.sales_minor, text: money(row.total.sales_minor) }))}
          />
        }
        rows={sales}
        keyOf={(row) => row.campaign}
        columns={[
          { name: t("overview.voucher"), of: (row) => <Link to={`/merchant/campaigns/${row.campaign}`}>{row.name}</Link> },
          { name: t("numbers.sales"), of: (row) => money(row.total.sales_minor), figures: true },
          { name: t("numbers.discount"), of: (row) => money(row.cost.discount_minor), figures: true },
          { name: t("numbers.basket"), of: (row) => basisPoints(row.uplift.basket_uplift_bp), figures: true },
        ]}
      />
      <Cohorts />
    </>
  );
}
