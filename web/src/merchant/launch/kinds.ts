import type { CampaignDraft } from "../../api/types";
import type { Template } from "../shapes";

/** Money in minor units of what was typed; a number of whole units; a share in basis points. */
export type Measure = "money" | "whole" | "percent" | "gift";

export interface Input {
  /** Where the API has it, which is also where its refusals point. */
  field: string;
  measure: Measure;
  /** May be left empty. */
  optional?: boolean;
}

const money = (field: string, optional = false): Input => ({ field, measure: "money", optional });

/** What is asked for each kind in the step of the offer: never more than three things, what is optional folded away. */
export const OFFER: Readonly<Record<string, readonly Input[]>> = {
  threshold: [money("effect.min_spend"), money("effect.amount_off")],
  per_each: [money("effect.min_spend"), money("effect.amount_off"), money("effect.max_off")],
  percent: [{ field: "effect.percent_bp", measure: "percent" }, money("effect.max_off"), money("effect.min_spend", true)],
  cash: [money("effect.amount_off"), money("effect.min_spend", true)],
  gift: [{ field: "effect.sku", measure: "gift" }, money("effect.min_spend", true)],
  stored_value: [money("effect.balance")],
  points: [
    { field: "effect.earn_rate", measure: "whole" },
    { field: "effect.redeem_rate", measure: "whole" },
    { field: "points_cap", measure: "whole" },
  ],
};

/** The API's templates, and "for each", which is a threshold that counts more than once. */
export function withPerEach(templates: readonly Template[], name: string, about: string): readonly Template[] {
  const at = templates.findIndex((template) => template.id === "threshold");
  const threshold = templates[at];
  if (threshold === undefined) return templates;
  const draft = { ...threshold.draft, title: name, effect: { min_spend: 10_000, amount_off: 2_000, per_each: true, max_off: 10_000 } };
  const each: Template = { ...threshold, id: "per_each", name, about, draft };
  return [...templates.slice(0, at + 1), each, ...templates.slice(at + 1)];
}

export function shapeOf(template: Template): string {
  return template.id === "per_each" ? "per_each" : String((template.draft as { kind?: string }).kind);
}

type Draft = Omit<CampaignDraft, "valid_from" | "valid_until">;

/** For newcomers: the welcome is granted by a trigger, which begins with the launch. */
export const welcomes = (template: Template) => template.id === "newcomer";

export const draftOf = (template: Template) => template.draft as unknown as Draft;
