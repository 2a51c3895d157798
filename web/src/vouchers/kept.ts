import type { Voucher } from "../api/types";
import type { PublicClaim } from "./shapes";

/**
 * What the holder may see without network: the vouchers as they were when the page last read them, and what their
 * campaigns say. It belongs to one person, holds nothing that could be spent, and goes when that person signs out.
 */
const PLACE = "quanbao.kept-vouchers";
const MOST = 200;

export interface Kept {
  person: string;
  at: string;
  vouchers: readonly Voucher[];
  campaigns: Readonly<Record<string, Pick<PublicClaim, "organisation" | "summary">>>;
}

export function kept(): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "null");
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

export function keepVouchers(person: string, vouchers: readonly Voucher[]): void {
  const before = kept();
  const usable = vouchers.filter((voucher) => voucher.status === "live").slice(0, MOST);
  const alive = new Set(usable.map((voucher) => voucher.campaign));
  const known = before?.person === person ? before.campaigns : {};
  const campaigns = Object.fromEntries(Object.entries(known).filter(([place]) => alive.has(campaignOf(place))));
  write({ person, at: new Date().toISOString(), vouchers: usable, campaigns });
}

/** The terms in one language; only of campaigns whose vouchers are kept. */
export function keepCampaign(campaign: string, language: string, told: PublicClaim): void {
  const before = kept();
  if (before === null || !before.vouchers.some((voucher) => voucher.campaign === campaign)) return;
  const { organisation, summary } = told;
  write({ ...before, campaigns: { ...before.campaigns, [placeOf(campaign, language)]: { organisation, summary } } });
}

export function keptCampaign(campaign: string, language: string): Pick<PublicClaim, "organisation" | "summary"> | null {
  const campaigns = kept()?.campaigns ?? {};
  const other = Object.keys(campaigns).find((place) => campaignOf(place) === campaign) ?? "";
  return campaigns[placeOf(campaign, language)] ?? campaigns[other] ?? null;
}

export function forgetKept(): void {
  localStorage.removeItem(PLACE);
}

const placeOf = (campaign: string, language: string) => `${campaign} ${language}`;
const campaignOf = (place: string) => place.split(" ")[0] ?? "";

function write(found: Kept): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(found));
  } catch {
    // A full or closed storage: the page then needs the network for vouchers too.
  }
}

function isKept(found: unknown): found is Kept {
  const known = found as Partial<Kept> | null;
  return (
    typeof known?.person === "string" &&
    typeof known.at === "string" &&
    Array.isArray(known.vouchers) &&
    known.vouchers.every((voucher) => typeof (voucher as Partial<Voucher> | null)?.id === "string") &&
    typeof known.campaigns === "object"
  );
}
