import type { CampaignDraft, Chain, ChainAmount } from "../api/types";
import { TEST_MONEY } from "../chains";
import type { Words } from "../i18n/language";
import { baseUnits, parseMinor, shortCurrencyText } from "../money";

const CURRENCY = "CNY";
const MOST_VOUCHERS = 100_000;
const MOST_DAYS = 3650;

/** What a person types into the template "spend X, get Y off". */
export interface Typed {
  min: string;
  off: string;
  days: string;
  perHolder: string;
  /** Vouchers by chain; a chain that is absent is not chosen. */
  counts: Readonly<Record<string, string>>;
}

export const FIRST: Typed = { min: "100", off: "20", days: "30", perHolder: "1", counts: {} };

export interface Filled {
  min: number;
  off: number;
  days: number;
  perHolder: number;
  lanes: readonly { chain: string; cap: number }[];
}

export type Fault = "campaign.bad_amounts" | "campaign.bad_days" | "campaign.bad_count";

export function fill(typed: Typed): Filled | Fault {
  const min = parseMinor(typed.min);
  const off = parseMinor(typed.off);
  if (min === null || off === null || off > min) return "campaign.bad_amounts";
  const days = wholeNumber(typed.days, MOST_DAYS);
  if (days === null) return "campaign.bad_days";
  const perHolder = wholeNumber(typed.perHolder, MOST_VOUCHERS);
  const lanes = Object.entries(typed.counts).map(([chain, text]) => ({ chain, cap: wholeNumber(text, MOST_VOUCHERS) ?? 0 }));
  if (perHolder === null || lanes.length === 0 || lanes.some((lane) => lane.cap === 0)) return "campaign.bad_count";
  return { min, off, days, perHolder, lanes };
}

function wholeNumber(text: string, most: number): number | null {
  if (!/^\d{1,9}$/.test(text.trim())) return null;
  const number = Number(text);
  return number >= 1 && number <= most ? number : null;
}

/** The draft as it is sent. From this hour to the last midnight: typed again at once, it is the same draft. */
export function toDraft(filled: Filled, { t }: Words, now: Date): CampaignDraft {
  const from = new Date(now).setMinutes(0, 0, 0);
  const until = new Date(now.getFullYear(), now.getMonth(), now.getDate() + filled.days);
  return {
    title: t("campaign.title", { min: plain(filled.min), off: plain(filled.off) }),
    kind: "threshold",
    effect: { min_spend: filled.min, amount_off: filled.off, per_each: false },
    currency: CURRENCY,
    valid_from: new Date(from).toISOString(),
    valid_until: until.toISOString(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    lanes: [...filled.lanes],
    per_holder: filled.perHolder,
  } as CampaignDraft;
}

function plain(minor: number): string {
  return shortCurrencyText({ minor, currency: CURRENCY }).replace(/[¥,]/g, "");
}

/** What makes every voucher of a chain payable, in its test money; null where that chain has none. */
export function funding(chain: Chain | undefined, filled: Filled): ChainAmount | null {
  const asset = chain?.assets.find((found) => found.symbol === TEST_MONEY);
  const lane = filled.lanes.find((found) => found.chain === chain?.chain);
  if (!asset || !lane) return null;
  const units = baseUnits(BigInt(filled.off) * BigInt(lane.cap), asset.decimals);
  return { base_units: units.toString(), decimals: asset.decimals, asset: asset.asset, symbol: asset.symbol };
}
