import { useQueries } from "@tanstack/react-query";

import { rulesQuery } from "../merchant/queries";
import type { Rules } from "../merchant/shapes";

export interface Asset {
  asset: string;
  symbol: string;
  decimals: number;
}

/** In what a campaign counts: its currency, and what settles it on a chain, both from its committed rules. */
export interface Settlements {
  currencyOf: (campaign: string | null) => string | null;
  settlementOf: (campaign: string | null, chain: string) => Asset | null;
}

/** So many campaigns are looked up for one table; money of further ones is shown as the chain has it. */
const MOST = 40;

export function useSettlements(campaigns: Iterable<string | null>): Settlements {
  const asked = [...new Set(campaigns)].filter((campaign) => campaign !== null).slice(0, MOST);
  const found = useQueries({ queries: asked.map((campaign) => ({ ...rulesQuery(campaign), retry: false })) });
  const rulesOf = (campaign: string | null): Rules | undefined => (campaign === null ? undefined : found[asked.indexOf(campaign)]?.data);
  return {
    currencyOf: (campaign) => rulesOf(campaign)?.currency ?? null,
    settlementOf: (campaign, chain) => rulesOf(campaign)?.lanes.find((lane) => lane.chain === chain)?.settlement ?? null,
  };
}
