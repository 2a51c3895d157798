import { useMutation } from "@tanstack/react-query";

import { get } from "../api/client";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useFaultName } from "./Divergence";
import type { Replay as ReplayAnswer } from "./queries";

/** The price of a redemption, computed again. */
export function Replay({ redemption }: { redemption: string }) {
  const { t } = useWords();
  const faultName = useFaultName();
  const replay = useMutation({ mutationFn: () => get<ReplayAnswer>(`/audit/replay/${redemption}`) });
  const found = replay.data;
  return (
    <section className="card" aria-labelledby="replay">
      <h2 id="replay">{t("audit.replay")}</h2>
      <p className="quiet">{t("audit.replay_text")}</p>
      {!found && (
        <button type="button" className="button button-quiet" disabled={replay.isPending} onClick={() => replay.mutate()}>
          {replay.isPending ? t("common.working") : t("audit.replay_now")}
        </button>
      )}
      <ProblemNotice error={replay.error} />
      {found?.agrees && (
        <p className="notice notice-good" role="status">
          ✓{" "}
          {t("audit.replay_agrees", {
            discount:
              found.currency !== null && found.discount_minor !== null
                ? currencyText({ minor: found.discount_minor, currency: found.currency as "CNY" })
                : "–",
          })}
        </p>
      )}
      {found && !found.agrees && (
        <div className="notice notice-bad" role="alert">
          <strong>✕ {t("audit.replay_differs")}</strong>
          <ul className="plain">
            {found.findings.map((finding) => (
              <li key={finding.fault + finding.subject}>
                {faultName(finding.fault)} ({finding.subject}): {t("audit.expected")} <code>{finding.expected}</code> ·{" "}
                {t("audit.found")} <code>{finding.found}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
