import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import { CALM, MOVING } from "../api/queries";
import type { Page } from "../api/types";
import type {
  ActivityPart,
  AnyWallet,
  Budget,
  Call,
  Contact,
  Fees,
  Limit,
  LinkedWallet,
  Policy,
  Spending,
  TokenApprovals,
  Transfer,
  ValuedPortfolio,
  WaitingPayment,
  WatchedPortfolio,
} from "./shapes";

const items = <T>(path: string) => get<Page<T>>(path).then((page) => page.items);

/** All wallets, those of imported keys and those that only watch too. */
export const anyWalletsQuery = queryOptions({ queryKey: ["any-wallets"], queryFn: () => items<AnyWallet>("/wallets") });

export const worthQuery = (currency: string) =>
  queryOptions({
    queryKey: ["portfolio", "valued", currency],
    queryFn: () => get<ValuedPortfolio>(`/portfolio?currency=${currency}`),
    refetchInterval: CALM,
  });

export const watchedQuery = queryOptions({
  queryKey: ["watched"],
  queryFn: () => get<WatchedPortfolio>("/wallets/watched"),
});

export const linkedQuery = queryOptions({ queryKey: ["linked"], queryFn: () => items<LinkedWallet>("/auth/wallet") });

export const feesQuery = (chain: string) =>
  queryOptions({
    queryKey: ["fees", chain],
    queryFn: () => get<Fees>(`/transfers/fees?chain=${encodeURIComponent(chain)}`),
    enabled: chain !== "",
    staleTime: 10_000,
  });

const OVER: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);
export const isOver = (status: string) => OVER.has(status);

export const transferQuery = (id: string) =>
  queryOptions({
    queryKey: ["transfer", id],
    queryFn: () => get<Transfer>(`/transfers/${id}`),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.status) ? false : MOVING),
  });

export const waitingQuery = queryOptions({
  queryKey: ["waiting-payments"],
  queryFn: () => items<WaitingPayment>("/approvals"),
  refetchInterval: CALM,
});

export const contactsQuery = queryOptions({ queryKey: ["contacts"], queryFn: () => items<Contact>("/address-book") });

/** What the list of activity is asked for; empty texts ask for everything. */
export interface ActivityWish {
  search: string;
  kinds: readonly string[];
  account?: string;
  limit?: number;
}

export function activityPath(wish: ActivityWish, base = "/activity", more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(more);
  if (wish.search) query.set("q", wish.search);
  if (wish.account) query.set("account", wish.account);
  if (wish.limit) query.set("limit", String(wish.limit));
  for (const kind of wish.kinds) query.append("kind", kind);
  return `${base}?${query}`;
}

/** Sentences come in the language of the request. */
export const activityQuery = (wish: ActivityWish, language: string) =>
  infiniteQueryOptions({
    queryKey: ["activity", wish, language],
    queryFn: ({ pageParam }) => get<ActivityPart>(activityPath(wish, "/activity", pageParam ? { cursor: pageParam } : {})),
    initialPageParam: "",
    getNextPageParam: (part) => part.next_cursor || undefined,
    refetchInterval: CALM,
  });

export const spendingQuery = (first: string, last: string, zone: string) =>
  queryOptions({
    queryKey: ["spending", first, last, zone],
    queryFn: () => get<Spending>(`/spending?${new URLSearchParams({ first, last, zone })}`),
  });

export const budgetsQuery = queryOptions({
  queryKey: ["budgets"],
  queryFn: () => items<Budget>("/spending/budgets"),
});

export const tokenApprovalsQuery = (account: string) =>
  queryOptions({
    queryKey: ["token-approvals", account],
    queryFn: () => get<TokenApprovals>(`/token-approvals?account=${encodeURIComponent(account)}`),
    refetchInterval: (query) => (query.state.data?.complete === false ? 1500 : false),
  });

export const revocationQuery = (id: string) =>
  queryOptions({
    queryKey: ["revocation", id],
    queryFn: () => get<Call>(`/token-approvals/revocations/${id}`),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.status) ? false : MOVING),
  });

export const limitsQuery = queryOptions({ queryKey: ["limits"], queryFn: () => items<Limit>("/policies/limits") });
export const policyQuery = queryOptions({ queryKey: ["policy"], queryFn: () => get<Policy>("/policies") });
