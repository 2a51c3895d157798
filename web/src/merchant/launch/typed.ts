import type { CampaignDraft } from "../../api/types";
import { parseMinor, shortCurrencyText } from "../../money";
import type { Gift, Template } from "../shapes";
import { ZONE } from "../shop";
import { draftOf, OFFER, shapeOf, type Input } from "./kinds";

const MOST_VOUCHERS = 1_000_000;
const DAY = 86_400_000;

/** What a person typed, as it was typed. */
export interface Typed {
  /** By the field of the API. */
  offer: Readonly<Record<string, string>>;
  until: string;
  perHolder: string;
  title: string;
  titleIsOwn: boolean;
  /** Vouchers by chain; empty for none there. */
  counts: Readonly<Record<string, string>>;
}

export type Faults = Readonly<Record<string, "money" | "whole" | "percent" | "gift" | "date" | "count" | "title">>;

export function begin(template: Template, chains: readonly string[]): Typed {
  const draft = draftOf(template) as unknown as Record<string, unknown>;
  const offer = Object.fromEntries(OFFER[shapeOf(template)]?.map((input) => [input.field, shown(input, valueAt(draft, input.field))]) ?? []);
  const days = shapeOf(template) === "points" ? 365 : 30;
  return {
    offer,
    until: dayText(new Date(Date.now() + days * DAY)),
    perHolder: String(draft.per_holder ?? 1),
    title: "",
    titleIsOwn: false,
    counts: Object.fromEntries(chains.map((chain) => [chain, "50"])),
  };
}

function valueAt(draft: Record<string, unknown>, field: string): unknown {
  return field.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], draft);
}

function shown(input: Input, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (input.field === "effect.earn_rate") return String((value as { points: number }).points);
  if (input.field === "effect.redeem_rate") return String((value as { points: number }).points);
  if (input.measure === "gift") return String(value);
  if (input.measure === "percent") return String(Number(value) / 100);
  if (input.measure === "whole") return String(value);
  return shortCurrencyText({ minor: Number(value), currency: "CNY" }).replace(/[¥,]/g, "");
}

/** A day of this person's calendar: 2026-06-01. */
export function dayText(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

function whole(text: string, most: number): number | null {
  if (!/^\d{1,12}$/.test(text.trim())) return null;
  const value = Number(text);
  return value >= 1 && value <= most ? value : null;
}

function percent(text: string): number | null {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.trim().replace("%", ""));
  if (match === null) return null;
  const points = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0") || "0");
  return points >= 1 && points <= 10_000 ? points : null;
}

function read(input: Input, text: string, gifts: readonly Gift[]): number | string | null {
  if (input.measure === "money") return input.optional && /^0*\.?0*$/.test(text.trim()) ? 0 : parseMinor(text);
  if (input.measure === "percent") return percent(text);
  if (input.measure === "gift") return gifts.some((gift) => gift.sku === text) ? text : null;
  return whole(text, Number.MAX_SAFE_INTEGER);
}

/** The draft as it is sent, or what is wrong with what was typed, by field. */
export function toDraft(template: Template, typed: Typed, gifts: readonly Gift[], title: string): CampaignDraft | Faults {
  const shape = shapeOf(template);
  const base = draftOf(template);
  const faults: Record<string, Faults[string]> = {};
  const values: Record<string, number | string> = {};
  for (const input of OFFER[shape] ?? []) {
    const value = read(input, typed.offer[input.field] ?? "", gifts);
    if (value === null) faults[input.field] = input.measure;
    else values[input.field] = value;
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(typed.until) || typed.until < dayText(new Date())) faults.valid_until = "date";
  const perHolder = typed.perHolder.trim() === "" ? null : whole(typed.perHolder, MOST_VOUCHERS);
  if (typed.perHolder.trim() !== "" && perHolder === null) faults.per_holder = "whole";
  const lanes = Object.entries(typed.counts)
    .filter(([, text]) => !/^0*$/.test(text.trim()))
    .map(([chain, text]) => ({ chain, cap: whole(text, MOST_VOUCHERS) ?? 0 }));
  if (shape !== "points" && (lanes.length === 0 || lanes.some((lane) => lane.cap === 0))) faults.lanes = "count";
  if (title.trim() === "") faults.title = "title";
  if (Object.keys(faults).length > 0) return faults;

  const points = shape === "points";
  const gift = gifts.find((found) => found.sku === values["effect.sku"]);
  const effect = Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) => (field.startsWith("effect.") ? [[field.slice("effect.".length), value]] : [])),
  );
  const rates = points
    ? {
        // Points for each 1.00 paid; so many points pay 1.00.
        earn_rate: { points: values["effect.earn_rate"], minor: 100 },
        redeem_rate: { points: values["effect.redeem_rate"], minor: 100 },
      }
    : {};
  return {
    ...base,
    title: title.trim(),
    effect: {
      ...base.effect,
      ...effect,
      ...rates,
      ...(gift && { max_off: gift.unit_price.minor * (base.effect.quantity ?? 1) }),
    },
    // From this hour to the last midnight, as the calendar of the zone has it: typed again at once, it is the same draft.
    valid_from: new Date(new Date().setMinutes(0, 0, 0)).toISOString(),
    valid_until: `${dayAfter(typed.until)}T00:00:00`,
    zone: ZONE,
    lanes: points ? [] : lanes,
    per_holder: points ? null : perHolder,
    // Drops are made on EVM chains after the launch: without one the rules promise none.
    ...(base.claim && { claim: { ...base.claim, ways: (base.claim.ways ?? []).filter((way) => way !== "drop" || lanes.some((lane) => lane.chain.startsWith("eip155:"))) } }),
    // A gift comes back with the goods that it came for, or its price is kept back.
    ...(shape === "gift" && { refund: { policy: "keep" as const, window_seconds: 0, ...base.refund, gift: "back_or_price" as const } }),
    // Points are earned, not claimed, and borne by the shop itself.
    ...(points && { points_cap: values.points_cap as number, claim: { ways: [] }, sponsor_bp: 0 }),
  } as CampaignDraft;
}

function dayAfter(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return dayText(new Date(year, month - 1, date + 1));
}

export function isDraft(found: CampaignDraft | Faults): found is CampaignDraft {
  return "kind" in found && "effect" in found;
}
