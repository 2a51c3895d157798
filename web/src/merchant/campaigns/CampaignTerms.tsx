import { useQuery } from "@tanstack/react-query";

import { get } from "../../api/client";
import type { Page } from "../../api/types";
import { useChainNames } from "../../chains";
import type { components } from "../../api/schema";
import { useWords } from "../../i18n/language";
import { CopyText } from "../../parts/CopyText";
import { Facts } from "../../parts/Facts";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useNumbers } from "../overview/numbers";
import type { Rules, Watch } from "../shapes";
import { CHIPS } from "./status";

type Power = components["schemas"]["PowerRead"];

/** The fixed rules, who takes part, what the issuer can still do, and what was done. */
export function CampaignTerms({ watch }: { watch: Watch }) {
  const { t, date, time, maybe, language } = useWords();
  const { name } = useChainNames();
  const { whole, basisPoints } = useNumbers();
  const { campaign } = watch;
  const rules = campaign.rules as unknown as Rules;
  const powers = useQuery({
    queryKey: ["powers", campaign.id, language],
    queryFn: () => get<Page<Power>>(`/campaigns/${campaign.id}/powers`).then((page) => page.items),
    // What was never launched has nobody who could do anything.
    enabled: campaign.status === "active" || campaign.status === "paused" || campaign.status === "ended",
  });
  const when = (moment: string | number) => `${date(moment)} ${time(moment)}`;
  return (
    <div className="columns columns-even">
      <section className="card" aria-labelledby="terms">
        <h2 id="terms">{t("terms.title")}</h2>
        <Facts
          rows={[
            [t("terms.from"), when(rules.window.valid_from * 1000)],
            [t("terms.until"), when(rules.window.valid_until * 1000)],
            [t("terms.zone"), rules.window.zone],
            [t("terms.cap"), whole(rules.cap)],
            [t("campaign.per_holder"), rules.per_holder === null ? t("terms.no_limit") : whole(rules.per_holder)],
            [t("terms.refund"), maybe(`refund_policy.${rules.refund.policy}`, rules.refund.policy)],
            [t("campaign.number"), <CopyText key="id" text={campaign.id} label={t("campaign.number")} />],
            [t("terms.hash"), <CopyText key="hash" text={campaign.rules_hash} label={t("terms.hash")} />],
          ]}
        />
        <a href={`/api/v1/campaigns/${campaign.id}/rules`} target="_blank" rel="noreferrer" className="small">
          {t("terms.document")}
        </a>
        {campaign.lanes.map((lane) => (
          <Facts
            key={lane.chain}
            rows={[
              [name(lane.chain), <span key="chip" className={CHIPS[lane.status]}>{t(`campaign.${lane.status}`)}</span>],
              [t("terms.reserved"), `${whole(lane.reserved)} / ${whole(lane.cap)}`],
            ]}
          />
        ))}
      </section>
      <div className="column">
        {watch.partners.length > 0 && (
          <section className="card" aria-labelledby="partners">
            <h2 id="partners">{t("terms.partners")}</h2>
            <ul className="plain small">
              {watch.partners.map((partner) => (
                <li key={partner.organisation} className="row-between">
                  <CopyText text={partner.organisation} label={t("terms.partners")} />
                  <span className="row">
                    <span className="figures">{basisPoints(partner.share_bp)}</span>
                    <span className={partner.answer === "accepted" ? "chip chip-good" : partner.answer === "refused" ? "chip chip-bad" : "chip chip-busy"}>
                      {maybe(`asked.${partner.answer}`, t("asked.waiting"))}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section className="card" aria-labelledby="powers">
          <h2 id="powers">{t("terms.powers")}</h2>
          <ProblemNotice error={powers.error} />
          {powers.data?.length === 0 && <p className="quiet small">{t("terms.no_powers")}</p>}
          <ul className="dots small">
            {powers.data?.map((power) => (
              <li key={`${power.chain} ${power.code}`}>
                {power.text} <span className="quiet">({name(power.chain)})</span>
              </li>
            ))}
          </ul>
        </section>
        <section className="card" aria-labelledby="acts">
          <h2 id="acts">{t("terms.acts")}</h2>
          {watch.acts.length === 0 && <p className="quiet small">{t("terms.no_acts")}</p>}
          <ul className="plain small">
            {watch.acts.map((act) => (
              <li key={act.id}>
                <span className="row-between">
                  <span>
                    {t(`act_kind.${act.kind}`)} · {name(act.chain)}
                  </span>
                  <span className="row">
                    <span className="quiet figures">{when(act.created_at)}</span>
                    <span className={CHIPS[act.status]}>{t(`issue.${act.status}`)}</span>
                  </span>
                </span>
                {act.failure && <p className="bad">{act.failure.message}</p>}
                {act.tx_hash && <CopyText text={act.tx_hash} label={t("common.transaction")} />}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}
