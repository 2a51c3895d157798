import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";

/** An error with what happened, what to do, and the number to quote. */
export function ProblemNotice({ error, again }: { error: unknown; again?: () => void }) {
  const { t, maybe } = useWords();
  if (error === null || error === undefined) return null;
  const problem = error instanceof Problem ? error : null;
  const detail = problem === null ? String(error) : problem.status === 0 ? t("error.unreachable") : problem.detail;
  const hint = problem === null ? "" : maybe(`hint.${problem.code}`, problem.retryable && problem.status ? t("error.retry") : "");
  return (
    <div className="notice notice-bad" role="alert">
      <strong>{t("error.title")}</strong>
      <p>{detail}</p>
      {hint && <p>{hint}</p>}
      {problem?.requestId && (problem.status >= 500 || !hint) && <p className="quiet small">{t("error.request", { id: problem.requestId })}</p>}
      {again && (
        <button type="button" className="button button-quiet" onClick={again}>
          {t("common.again")}
        </button>
      )}
    </div>
  );
}
