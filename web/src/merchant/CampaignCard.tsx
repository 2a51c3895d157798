import { useMutation, useQueryClient } from "@tanstack/react-query";

import { post } from "../api/client";
import { campaignsQuery } from "../api/queries";
import type { Campaign } from "../api/types";
import { useChainNames } from "../chains";
import { effectWords } from "../vouchers/effect";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { ProblemNotice } from "../parts/ProblemNotice";
import { IssueForm } from "./IssueForm";

const CHIPS = {
  draft: "chip",
  launching: "chip chip-busy",
  active: "chip chip-good",
  paused: "chip chip-busy",
  ended: "chip",
  failed: "chip chip-bad",
} as const;

interface RuleDocument {
  title: string;
  kind: string;
  effect: Record<string, unknown>;
  currency: string;
  cap: number;
  window: { valid_until: number };
}

/** One campaign with its live numbers. */
export function CampaignCard({ campaign, organisation }: { campaign: Campaign; organisation: string }) {
  const words = useWords();
  const { t, date } = words;
  const { name } = useChainNames();
  const client = useQueryClient();
  const rules = campaign.rules as unknown as RuleDocument;
  const { counts } = campaign;
  const relaunch = useMutation({
    mutationFn: () => post(`/campaigns/${campaign.id}/launch`, {}, { organisation }),
    onSettled: () => client.invalidateQueries({ queryKey: campaignsQuery(organisation).queryKey }),
  });
  return (
    <article className="card campaign" aria-label={rules.title}>
      <div className="row-between">
        <h3>{effectWords(words, rules.kind, rules.effect, rules.currency)}</h3>
        <span className={CHIPS[campaign.status]}>{t(`campaign.${campaign.status}`)}</span>
      </div>
      <p className="quiet small">
        {rules.title} · {t("campaign.ends", { date: date(rules.window.valid_until * 1000 - 1) })}
      </p>
      <dl className="numbers">
        <div>
          <dt>{t("campaign.issued")}</dt>
          <dd>
            <span data-testid="issued">{counts.issued}</span> <small className="quiet">{t("campaign.of_cap", { cap: rules.cap })}</small>
          </dd>
        </div>
        <div>
          <dt>{t("campaign.redeemed")}</dt>
          <dd data-testid="redeemed">{counts.redeemed}</dd>
        </div>
        <div>
          <dt>{t("campaign.cost")}</dt>
          <dd data-testid="cost">{currencyText(counts.cost)}</dd>
        </div>
      </dl>
      {counts.alarms > 0 && <p className="notice notice-bad">{t("campaign.alarms", { count: counts.alarms })}</p>}
      {campaign.status !== "active" && (
        <ul className="plain small">
          {campaign.lanes.map((lane) => (
            <li key={lane.chain}>
              <span className="row-between">
                <span>{name(lane.chain)}</span>
                <span>
                  <span className="quiet">{t("campaign.steps", { steps: lane.steps })}</span>{" "}
                  <span className={CHIPS[lane.status]}>{t(`campaign.${lane.status}`)}</span>
                </span>
              </span>
              {lane.failure && (
                <p className="bad">{t("campaign.lane_failed", { chain: name(lane.chain), reason: lane.failure.message })}</p>
              )}
            </li>
          ))}
        </ul>
      )}
      {(campaign.status === "failed" || campaign.status === "draft") && (
        <button type="button" className="button button-quiet" disabled={relaunch.isPending} onClick={() => relaunch.mutate()}>
          {t("campaign.relaunch")}
        </button>
      )}
      <ProblemNotice error={relaunch.error} />
      {campaign.status === "active" && (
        <IssueForm campaign={campaign.id} chains={campaign.lanes.map((lane) => lane.chain)} organisation={organisation} />
      )}
      <details className="small quiet">
        <summary>{t("common.more")}</summary>
        <p>
          {t("campaign.number")} <CopyText text={campaign.id} label={t("campaign.number")} />
        </p>
      </details>
    </article>
  );
}
