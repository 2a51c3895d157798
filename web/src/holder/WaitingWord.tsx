import { useQuery, useQueryClient } from "@tanstack/react-query";

import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Needs } from "./Needs";
import { transferQuery, waitingQuery } from "./queries";
import { SayWord } from "./SayWord";
import type { Transfer } from "./shapes";
import { useSignAgain } from "./signAgain";

/** A payment that the owner's rules hold until somebody says yes. */
export function WaitingWord({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(waitingQuery);
  const sign = useSignAgain(transfer);
  const waiting = data?.find((each) => each.payment_id === transfer.id);
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const ownCode = waiting?.needs.some((need) => need.effect === "second_factor") ?? false;
  const others = waiting?.needs.some((need) => need.effect === "approval") ?? false;
  const said = (decision: "approve" | "refuse") => {
    if (decision === "approve" && sign.known) sign.mutate();
    else void client.invalidateQueries({ queryKey: transferQuery(transfer.id).queryKey });
  };
  return (
    <div className="notice notice-warn">
      <strong>{ownCode ? t("approve.code_title") : t("approve.title")}</strong>
      {waiting && <Needs waiting={waiting} />}
      {others && <p>{t("approve.wait")}</p>}
      {!ownCode && sign.known && (
        <button type="button" className="button button-quiet" disabled={sign.isPending} onClick={() => sign.mutate()}>
          {t("approve.sign")}
        </button>
      )}
      {!sign.known && <p className="quiet small">{t("approve.elsewhere")}</p>}
      <ProblemNotice error={sign.error} />
      {waiting && <SayWord waiting={waiting} yes={t("approve.go")} no={t("approve.refuse")} onSaid={said} />}
    </div>
  );
}
