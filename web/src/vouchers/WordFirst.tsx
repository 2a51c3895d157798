import { useQuery } from "@tanstack/react-query";

import { Problem } from "../api/problem";
import { Needs } from "../holder/Needs";
import { waitingQuery } from "../holder/queries";
import { SayWord } from "../holder/SayWord";
import type { WaitingPayment } from "../holder/shapes";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";

/** Whether the payer's own rules want a word before this is paid. */
export const wantsWord = (error: unknown): error is Problem => error instanceof Problem && error.code === "approval_needed";

/** Whether as many of those who are asked have agreed as the rules want. */
function isSaid(waiting: WaitingPayment): boolean {
  const agreed = waiting.approved_by.filter((person) => person !== waiting.owner).length;
  return waiting.needs.every((need) => need.effect !== "approval" || agreed >= Number(need.facts.needed ?? Infinity));
}

interface Props {
  error: Problem;
  /** The payer has proven the code: the same payment goes on. */
  onGo: () => void;
  onDrop: () => void;
}

/** What the payer's own rules want before the rest of an order is paid, and the way on. */
export function WordFirst({ error: asked, onGo, onDrop }: Props) {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(waitingQuery);
  const waiting = data?.find((each) => each.payment_id === asked.facts.approval);
  const ownCode = waiting?.needs.some((need) => need.effect === "second_factor") ?? false;
  const others = waiting?.needs.some((need) => need.effect === "approval") ?? false;
  return (
    <div className="notice notice-warn" role="alert">
      <strong>{ownCode ? t("approve.code_title") : t("pay.word_first")}</strong>
      {error ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : waiting === undefined ? (
        <>
          <p>{t("pay.word_said")}</p>
          <button type="button" className="button" onClick={onGo}>
            {t("pay.word_try")}
          </button>
        </>
      ) : (
        <>
          <Needs waiting={waiting} />
          {others && <p>{t(isSaid(waiting) ? "pay.word_said" : "pay.word_others")}</p>}
          {others && !ownCode && (
            <button type="button" className="button" onClick={onGo}>
              {t("pay.word_try")}
            </button>
          )}
          <SayWord
            waiting={waiting}
            yes={t("pay.word_go")}
            no={t("approve.refuse")}
            onSaid={(decision) => (decision === "approve" ? onGo() : onDrop())}
          />
        </>
      )}
    </div>
  );
}
