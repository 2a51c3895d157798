import { queryOptions } from "@tanstack/react-query";

import { get } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Language } from "../../i18n/dictionary";
import type { PublicClaim } from "../shapes";

/** How often the count of what is left is read again. */
const LIVE = 3000;

/** A code has 40 letters and digits; a campaign's id, which everybody may know, has 48 hex digits. */
const CODE = /^[A-Za-z2-7]{40}$/;
const CAMPAIGN = /^[0-9a-f]{48}$/;

export const isCode = (text: string) => CODE.test(text);
export const isCampaign = (text: string) => CAMPAIGN.test(text);

/** What a claim page shows. A wrong code is not asked again by itself: each costs its address more time. */
export const claimPageQuery = (code: string, language: Language) =>
  queryOptions({
    queryKey: ["claim-page", code, language],
    queryFn: () => get<PublicClaim>(`/claims/${code}`),
    refetchInterval: (query) => (query.state.error === null ? LIVE : false),
    refetchOnWindowFocus: (query) => query.state.error === null,
    retry: (failures, error) => failures < 3 && error instanceof Problem && error.retryable && error.status !== 429,
    gcTime: 0,
  });

export interface RuleDocument {
  kind: string;
  effect: Readonly<Record<string, unknown>>;
  currency: string;
  window: { zone: string };
}

export const rulesQuery = (campaign: string) =>
  queryOptions({
    queryKey: ["public-rules", campaign],
    queryFn: () => get<RuleDocument>(`/campaigns/${campaign}/rules`),
    staleTime: Infinity,
  });
