import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Route, Routes, useParams } from "react-router";

import { post } from "../../api/client";
import type { Campaign } from "../../api/types";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { GiveOut } from "../give/GiveOut";
import { useNumbers } from "../overview/numbers";
import { Tiles } from "../overview/Tiles";
import { Heading } from "../parts/Heading";
import { Tabs } from "../parts/Tabs";
import { analyticsQuery, watchQuery } from "../queries";
import type { Rules, Watch } from "../shapes";
import { useShop } from "../shop";
import { CampaignActs } from "./CampaignActs";
import { CampaignNumbers } from "./CampaignNumbers";
import { CampaignTerms } from "./CampaignTerms";
import { CHIPS, shownStatus } from "./status";
import { Triggers } from "./Triggers";

/** One campaign, live. */
export function CampaignPage() {
  const { t } = useWords();
  const shop = useShop();
  const { campaign = "" } = useParams();
  const { data, error, refetch } = useQuery(watchQuery(shop.id, campaign));
  if (data === undefined) {
    return (
      <>
        <Heading title={t("campaign.one")} back={["/merchant/campaigns", t("shop.campaigns")]} />
        {error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />}
      </>
    );
  }
  return <Found watch={data} />;
}

function Found({ watch }: { watch: Watch }) {
  const { t, date, maybe } = useWords();
  const { whole } = useNumbers();
  const shop = useShop();
  const { campaign } = watch;
  const rules = campaign.rules as unknown as Rules;
  const { counts } = campaign;
  const status = shownStatus(campaign);
  const home = `/merchant/campaigns/${campaign.id}`;
  const isPoints = rules.kind === "points";
  // What refunds took back is among what was redeemed; the numbers below are without it.
  const net = useQuery({ ...analyticsQuery(shop.id, campaign.id, "day"), enabled: counts.redeemed > 0 }).data;
  const back = net ? counts.redeemed - net.total.redeemed : 0;
  const kept = net?.cost.discount_minor;
  const promised = watch.drops.reduce((sum, drop) => (drop.status === "committing" || drop.status === "committed" ? sum + drop.count : sum), 0);
  const tabs = [
    [home, t("campaign.tab_numbers")],
    ...(isPoints ? [] : ([[`${home}/give`, t("campaign.tab_give")], [`${home}/triggers`, t("campaign.tab_triggers")]] as const)),
    [`${home}/terms`, t("campaign.tab_terms")],
  ] as const;
  return (
    <article className="column" aria-label={rules.title}>
      <Heading
        title={rules.title}
        back={["/merchant/campaigns", t("shop.campaigns")]}
        chip={<span className={CHIPS[status]}>{t(`campaign.${status}`)}</span>}
      >
        <CampaignActs watch={watch} />
      </Heading>
      <p className="quiet small">
        {maybe(`kind.${rules.kind}`, rules.kind)} · {t("campaign.ends", { date: date(rules.window.valid_until * 1000 - 1) })}
      </p>
      {counts.alarms > 0 && (
        <p className="notice notice-bad" role="alert">
          {t("campaign.alarms", { count: counts.alarms })}
        </p>
      )}
      {!isPoints && (
        <Tiles
          tiles={[
            { name: t("campaign.issued"), value: whole(counts.issued), note: [t("campaign.of_cap", { cap: whole(rules.cap) }), promised > 0 && t("campaign.promised", { count: whole(promised) })].filter(Boolean).join(" · "), testId: "issued" },
            { name: t("campaign.live"), value: whole(counts.live), note: watch.waiting > 0 && t("campaign.waiting", { count: watch.waiting }) },
            { name: t("campaign.redeemed"), value: whole(counts.redeemed), note: back > 0 && t("campaign.back", { count: whole(back) }), testId: "redeemed" },
            { name: t("campaign.cost"), value: currencyText(counts.cost), note: kept !== undefined && kept < counts.cost.minor && t("campaign.cost_kept", { amount: currencyText({ ...counts.cost, minor: kept }) }), testId: "cost" },
          ]}
        />
      )}
      {campaign.status !== "active" && campaign.status !== "paused" && campaign.status !== "ended" && <LaunchState campaign={campaign} />}
      <Tabs label={rules.title} tabs={tabs} />
      <Routes>
        {/* There is nothing to count before it runs. */}
        <Route
          index
          element={
            campaign.status === "launching" ? null : (
              <>
                {status === "active" && !isPoints && counts.issued === 0 && watch.waiting === 0 && promised === 0 && (
                  <p className="notice notice-good">
                    {t("campaign.next")} <Link to={`${home}/give`}>{t("campaign.next_give")}</Link>
                  </p>
                )}
                <CampaignNumbers watch={watch} />
              </>
            )
          }
        />
        <Route path="give" element={<GiveOut watch={watch} />} />
        <Route path="triggers" element={<Triggers watch={watch} />} />
        <Route path="terms" element={<CampaignTerms watch={watch} />} />
      </Routes>
    </article>
  );
}

/** How far the launch is on each chain, and why it stopped. */
function LaunchState({ campaign }: { campaign: Campaign }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const shop = useShop();
  const client = useQueryClient();
  const relaunch = useMutation({
    mutationFn: () => post(`/campaigns/${campaign.id}/launch`, {}, { organisation: shop.id }),
    onSettled: () => client.invalidateQueries({ queryKey: watchQuery(shop.id, campaign.id).queryKey }),
  });
  return (
    <section className="card" aria-label={t("campaign.launch")}>
      <ul className="plain small">
        {campaign.lanes.map((lane) => (
          <li key={lane.chain}>
            <span className="row-between">
              <span>{name(lane.chain)}</span>
              <span className="row">
                <span className="quiet">{t("campaign.steps", { steps: lane.steps })}</span>
                <span className={CHIPS[lane.status]}>{t(`campaign.${lane.status}`)}</span>
              </span>
            </span>
            {lane.failure && <p className="bad">{t("campaign.lane_failed", { chain: name(lane.chain), reason: lane.failure.message })}</p>}
          </li>
        ))}
      </ul>
      {(campaign.status === "failed" || campaign.status === "draft") && (
        <button type="button" className="button" disabled={relaunch.isPending} onClick={() => relaunch.mutate()}>
          {campaign.status === "draft" ? t("campaign.launch") : t("campaign.relaunch")}
        </button>
      )}
      {campaign.status === "launching" && <Loading text={t("campaign.launching_text")} />}
      <ProblemNotice error={relaunch.error} />
    </section>
  );
}
