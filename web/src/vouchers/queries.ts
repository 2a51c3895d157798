import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import { CALM, MOVING } from "../api/queries";
import type { Page } from "../api/types";
import type { Language } from "../i18n/dictionary";
import type {
  Claim, GiftDelivery, OfferedGift, Points, PointsStatement, Power, PublicClaim, Redemption, Refund, ValuedPortfolio, WaitingLeaf,
} from "./shapes";

const items = <T>(path: string) => get<Page<T>>(path).then((page) => page.items);

/** What anybody may know of a campaign; its sentences come in the language that was asked in. */
export const campaignQuery = (campaign: string, language: Language) =>
  queryOptions({
    queryKey: ["public-campaign", campaign, language],
    queryFn: () => get<PublicClaim>(`/claims/${campaign}`),
    staleTime: 60_000,
  });

export const powersQuery = (campaign: string) =>
  queryOptions({ queryKey: ["powers", campaign], queryFn: () => items<Power>(`/campaigns/${campaign}/powers`), staleTime: 60_000 });

export const redemptionQuery = (id: string) =>
  queryOptions({ queryKey: ["redemption", id], queryFn: () => get<Redemption>(`/redemptions/${id}`) });

export const refundsQuery = (order: string) =>
  queryOptions({
    queryKey: ["refunds", order],
    queryFn: () => items<Refund>(`/orders/${order}/refunds`),
    refetchInterval: (query) => (query.state.data?.some((refund) => refund.status !== "done") ? 1500 : 10_000),
  });

export const claimsQuery = queryOptions({ queryKey: ["claims"], queryFn: () => items<Claim>("/claims?limit=200") });

/** What shops have set aside for the caller by a list; its sentences come in the language that was asked in. */
export const waitingQuery = (language: Language) =>
  queryOptions({
    queryKey: ["claims", "waiting", language],
    queryFn: () => items<WaitingLeaf>("/claims/waiting"),
    refetchInterval: (query) => (query.state.data?.some((leaf) => leaf.status === "requested") ? MOVING : CALM),
  });

export const claimQuery = (id: string) =>
  queryOptions({
    queryKey: ["claim", id],
    queryFn: () => get<Claim>(`/claims/mine/${id}`),
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.status === "requested" ? MOVING : false),
  });

/** What is left on stored-value vouchers is told here only. */
export const worthQuery = queryOptions({
  queryKey: ["valued-portfolio"],
  queryFn: () => get<ValuedPortfolio>("/portfolio?currency=CNY"),
  staleTime: 10_000,
});

export const pointsQuery = queryOptions({ queryKey: ["points"], queryFn: () => items<Points>("/points"), staleTime: 5_000 });

const STATEMENT_PART = 50;
export const statementQuery = (programme: string) =>
  infiniteQueryOptions({
    queryKey: ["statement", programme],
    queryFn: ({ pageParam }) =>
      get<PointsStatement>(`/points/${programme}/statement?limit=${STATEMENT_PART}${pageParam === null ? "" : `&after=${pageParam}`}`),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_after,
  });

export const offeredGiftsQuery = (shop: string) =>
  queryOptions({ queryKey: ["gifts-offered", shop], queryFn: () => items<OfferedGift>(`/gifts/offered?shop=${shop}`) });

export const myGiftsQuery = queryOptions({ queryKey: ["gifts-mine"], queryFn: () => items<GiftDelivery>("/gifts/mine") });
