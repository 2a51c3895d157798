import { useMemo } from "react";

import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";

const CURRENCY = "CNY";
const DAY = /^\d{4}-\d\d-\d\d$/;
const MONTH = /^\d{4}-\d\d$/;

/** Figures as the reader's language writes them. */
export function useNumbers() {
  const { language } = useWords();
  return useMemo(() => {
    const whole = new Intl.NumberFormat(language);
    const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric", timeZone: "UTC" });
    const date = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
    const month = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", timeZone: "UTC" });
    return {
      whole: (value: number) => whole.format(value),
      share: (part: number, of: number) => (of === 0 ? "–" : percent.format(part / of)),
      basisPoints: (value: number | null) => (value === null ? "–" : percent.format(value / 10_000)),
      money: (minor: number, currency: string = CURRENCY) => (minor < 0 ? "−" : "") + currencyText({ minor: Math.abs(minor), currency }),
      shortMoney: (minor: number) => `¥${short.format(minor / 100)}`,
      /** A day as the API names it (2026-06-01), short. */
      day: (key: string) => (DAY.test(key) ? day.format(new Date(`${key}T00:00:00Z`)) : key),
      /** The same with its year. */
      date: (key: string) => (DAY.test(key) ? date.format(new Date(`${key}T00:00:00Z`)) : key),
      /** A month as the API names it (2026-06). */
      month: (key: string) => (MONTH.test(key) ? month.format(new Date(`${key}-01T00:00:00Z`)) : key),
    };
  }, [language]);
}
