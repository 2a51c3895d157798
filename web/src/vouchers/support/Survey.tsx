import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { caseQuery } from "./queries";
import type { Case } from "./shapes";

const SCORES = [1, 2, 3, 4, 5] as const;

/** Two questions, once a case is closed. */
export function Survey({ found }: { found: Case }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [solved, setSolved] = useState<boolean | null>(null);
  const [score, setScore] = useState<number | null>(null);
  const send = useMutation({
    mutationFn: () => post<Case>(`/cases/${found.id}/survey`, { solved, score }),
    onSuccess: () => client.invalidateQueries({ queryKey: caseQuery(found.id).queryKey }),
  });
  if (found.score !== null || send.isSuccess) {
    return (
      <p className="notice notice-good" role="status">
        {t("mycase.survey_thanks")}
      </p>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className="card form" onSubmit={submit} aria-label={t("mycase.survey")}>
      <h2>{t("mycase.survey")}</h2>
      <fieldset>
        <legend>{t("mycase.survey_solved")}</legend>
        <div className="row">
          {([true, false] as const).map((answer) => (
            <label key={String(answer)} className="check">
              <input type="radio" name="solved" required checked={solved === answer} onChange={() => setSolved(answer)} />
              {t(answer ? "mycase.yes" : "mycase.no")}
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("mycase.survey_score")}</legend>
        <div className="row">
          {SCORES.map((one) => (
            <label key={one} className="check">
              <input type="radio" name="score" required checked={score === one} onChange={() => setScore(one)} />
              {one}
            </label>
          ))}
        </div>
      </fieldset>
      <ProblemNotice error={send.error} />
      <button className="button" disabled={send.isPending}>
        {t("mycase.survey_send")}
      </button>
    </form>
  );
}
