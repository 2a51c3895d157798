import { useWords } from "../../i18n/language";
import type { Case } from "./shapes";

/** Whose turn it is, or how it ended. */
export function CaseChip({ found }: { found: Case }) {
  const { t } = useWords();
  if (found.outcome) {
    return <span className={found.outcome === "refused" ? "chip chip-bad" : "chip chip-good"}>{t(`mycase.outcome_${found.outcome}`)}</span>;
  }
  return <span className={found.status === "answered" ? "chip chip-warn" : "chip"}>{t(`mycase.status_${found.status}`)}</span>;
}
