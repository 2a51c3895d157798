import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";

interface Props {
  error: unknown;
  again?: () => void;
  /** What to do about an error here, by its code, where that is another thing than elsewhere. */
  hints?: Readonly<Record<string, string>>;
}

/** An error with what happened, what to do, and the number to quote. */
export function ProblemNotice({ error, again, hints = {} }: Props) {
  const { t, maybe } = useWords();
  if (error === null || error === undefined) return null;
  const problem = error instanceof Problem ? error : null;
  // The rule that refused knows better what to do than the kind of refusal.
  const hintOf = ({ code, facts, retryable, status }: Problem) =>
    hints[code] ??
    maybe(`hint.${ruleOf(facts)}`, maybe(`hint.${code}`, retryable && status ? t("error.retry") : ""));
  const detail = problem === null ? String(error) : problem.status === 0 ? t("error.unreachable") : problem.detail;
  const hint = problem === null ? "" : hintOf(problem);
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

/** The rule that refused; for a role of a shop the API names all the roles that would do. */
function ruleOf({ rule }: Readonly<Record<string, unknown>>): string {
  const name = typeof rule === "string" ? rule : "";
  return name.startsWith("member:") ? "role" : name;
}
