import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import type { Asset } from "./settlements";

/** Divergences whose two sides are base units of the campaign's settlement. */
const OF_MONEY = new Set(["funded_differs", "paid_differs", "escrow_differs", "escrow_drained", "books_differ", "books_unbalanced"]);
const UNITS = /^(-?)(\d{1,78})$/;

export function useFaultName(): (fault: string) => string {
  const { maybe } = useWords();
  return (fault) => maybe(`audit.fault.${fault}`, fault.replaceAll("_", " "));
}

/** What should be, and what is: money as money, everything else as it was found. */
export function Sides({ fault, expected, found, settlement }: { fault: string; expected: string; found: string; settlement: Asset | null }) {
  const { t } = useWords();
  const shown = (text: string) => {
    const units = OF_MONEY.has(fault) && settlement !== null ? UNITS.exec(text) : null;
    if (units === null || settlement === null) return <code>{text}</code>;
    return <span className="figures">{(units[1] ? "−" : "") + chainAmountText({ ...settlement, base_units: units[2] ?? "0" })}</span>;
  };
  return (
    <span>
      {t("audit.expected")} {shown(expected)} · {t("audit.found")} {shown(found)}
    </span>
  );
}
