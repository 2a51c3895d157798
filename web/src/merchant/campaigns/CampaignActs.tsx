import { useQueryClient } from "@tanstack/react-query";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Ask } from "../parts/Ask";
import { watchQuery } from "../queries";
import type { Rules, Watch } from "../shapes";
import { useShop } from "../shop";
import { FundDialog } from "./FundDialog";
import { shownStatus } from "./status";

/** Pause, resume, end, fund, reclaim: what is possible now. */
export function CampaignActs({ watch }: { watch: Watch }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const { campaign } = watch;
  const rules = campaign.rules as unknown as Rules;
  const act = (kind: string, body?: unknown) => () =>
    post(`/campaigns/${campaign.id}/${kind}`, body, { organisation: shop.id, act: kind }).finally(() =>
      client.invalidateQueries({ queryKey: watchQuery(shop.id, campaign.id).queryKey }),
    );
  // It is taken back by itself once its time has come; until then nobody can, and afterwards nothing is left.
  const asked = watch.acts.flatMap((done) => (done.kind === "reclaim" && done.status !== "failed" ? [done.chain] : []));
  const left = campaign.lanes.filter((lane) => !asked.includes(lane.chain));
  const reclaim = async () => {
    for (const lane of left) await act("reclaim", { chain: lane.chain })();
  };
  if (rules.kind === "points") return null;
  const status = shownStatus(campaign);
  const comesBack = (rules.window.valid_until + rules.refund.window_seconds) * 1000 < Date.now();
  return (
    <>
      {status === "active" && (
        <Ask name={t("acts.pause")} title={t("acts.pause_title")} act={act("pause")}>
          <p>{rules.powers.declared.includes("pause") ? t("acts.pause_chain") : t("acts.pause_text")}</p>
        </Ask>
      )}
      {status === "paused" && (
        <Ask name={t("acts.resume")} title={t("acts.resume_title")} act={act("resume")} className="button button-small">
          <p>{t("acts.resume_text")}</p>
        </Ask>
      )}
      {(status === "active" || status === "paused") && <FundDialog campaign={campaign} fund={(body) => act("fund", body)()} />}
      {(status === "active" || status === "paused") && (
        <Ask name={t("acts.end")} title={t("acts.end_title")} act={act("end")} danger>
          <p>{t("acts.end_text")}</p>
        </Ask>
      )}
      {comesBack && (status === "over" || status === "ended") && left.length > 0 && (
        <Ask name={t("acts.reclaim")} title={t("acts.reclaim_title")} act={reclaim}>
          <p>{t("acts.reclaim_text")}</p>
        </Ask>
      )}
    </>
  );
}
