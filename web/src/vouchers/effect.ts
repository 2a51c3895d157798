import type { Words } from "../i18n/language";
import { shortCurrencyText } from "../money";

type Effect = Readonly<Record<string, unknown>>;

const minorOf = (effect: Effect, name: string) => (typeof effect[name] === "number" ? effect[name] : 0);
const textOf = (effect: Effect, name: string) => (typeof effect[name] === "string" ? effect[name] : "");

/** What a voucher does, in one plain sentence. */
export function effectWords(words: Words, kind: string, effect: Effect, currency: string): string {
  const { t } = words;
  const money = (name: string) => shortCurrencyText({ minor: minorOf(effect, name), currency });
  const facts = { off: money("amount_off"), min: money("min_spend"), percent: percentText(effect), max: money("max_off") };
  const cap = minorOf(effect, "max_off") > 0 ? t("effect.cap", facts) : "";
  const hasMin = minorOf(effect, "min_spend") > 0;
  if (kind === "threshold") return t(effect.per_each === true ? "effect.threshold_each" : "effect.threshold", facts) + cap;
  if (kind === "percent") return t(hasMin ? "effect.percent_min" : "effect.percent", facts) + cap;
  if (kind === "cash") return t(hasMin ? "effect.cash_min" : "effect.cash", facts);
  if (kind === "gift") {
    const gift = { sku: textOf(effect, "sku"), units: minorOf(effect, "quantity") || 1, min: facts.min };
    return t(hasMin ? "effect.gift_min" : "effect.gift", gift);
  }
  if (kind === "stored_value") return t("effect.stored", { balance: money("balance") });
  if (kind === "points") return t("effect.points");
  return t("effect.other");
}

/** What stands large on the ticket. */
export function effectFigure(kind: string, effect: Effect, currency: string): string {
  if (kind === "percent") return `${percentText(effect)}%`;
  if (kind === "gift") return `×${minorOf(effect, "quantity") || 1}`;
  if (kind === "stored_value") return shortCurrencyText({ minor: minorOf(effect, "balance"), currency });
  return shortCurrencyText({ minor: minorOf(effect, "amount_off"), currency });
}

/** The small word below the figure. */
export function effectUnit(words: Words, kind: string): string {
  if (kind === "gift") return words.t("voucher.gift");
  if (kind === "stored_value") return words.t("voucher.balance");
  if (kind === "cash") return words.t("voucher.worth");
  return words.t("voucher.off");
}

function percentText(effect: Effect): string {
  const points = BigInt(minorOf(effect, "percent_bp"));
  const rest = points % 100n;
  return rest === 0n ? String(points / 100n) : `${points / 100n}.${rest.toString().padStart(2, "0").replace(/0$/, "")}`;
}
