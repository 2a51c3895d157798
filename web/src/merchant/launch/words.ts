import type { Words } from "../../i18n/language";
import { parseMinor, shortCurrencyText } from "../../money";
import type { Gift, Template } from "../shapes";
import { shapeOf, welcomes } from "./kinds";
import type { Typed } from "./typed";

/** What stands large on the ticket, and the title that is proposed: both from what was typed. */
export function ticketWords({ t }: Words, template: Template, typed: Typed, gifts: readonly Gift[]): { figure: string; title: string } {
  const text = (field: string) => typed.offer[field]?.trim() ?? "";
  const money = (field: string) => {
    const minor = parseMinor(text(field));
    return minor === null ? "–" : shortCurrencyText({ minor, currency: "CNY" });
  };
  const plain = (field: string) => money(field).replace("¥", "");
  const shape = shapeOf(template);
  if (shape === "percent") return { figure: `${text("effect.percent_bp") || "–"}%`, title: t("launch.title_percent", { percent: text("effect.percent_bp"), tenths: tenths(text("effect.percent_bp")) }) };
  if (shape === "gift") {
    const gift = gifts.find((found) => found.sku === text("effect.sku"));
    return { figure: t("launch.figure_gift"), title: t("launch.title_gift", { gift: gift?.name ?? "–" }) };
  }
  if (shape === "stored_value") return { figure: money("effect.balance"), title: t("launch.title_stored", { amount: plain("effect.balance") }) };
  if (shape === "points") return { figure: t("launch.figure_points"), title: t("launch.title_points") };
  if (shape === "cash") {
    const name = welcomes(template) ? "launch.title_newcomer" : "launch.title_cash";
    return { figure: money("effect.amount_off"), title: t(name, { off: plain("effect.amount_off") }) };
  }
  const facts = { min: plain("effect.min_spend"), off: plain("effect.amount_off") };
  return { figure: money("effect.amount_off"), title: t(shape === "per_each" ? "launch.title_each" : "campaign.title", facts) };
}

/** 20 % off is 八折: what stays, in tenths. */
function tenths(percent: string): string {
  const left = 100 - Number(percent || "0");
  return left % 10 === 0 ? String(left / 10) : String(left);
}
