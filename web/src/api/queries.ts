import { MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";

import { get } from "./client";
import { Problem } from "./problem";
import type {
  Account,
  Campaign,
  Chain,
  Me,
  Order,
  OrderProgress,
  Organisation,
  Page,
  Portfolio,
  Provenance,
  Receipt,
  Voucher,
  Wallet,
} from "./types";

/** How often a page asks again, in milliseconds: while something moves, and otherwise. */
export const MOVING = 700;
export const CALM = 5000;

export function newQueryClient(): QueryClient {
  // A session that has ended is noticed by whatever is asked next: the page then asks to sign in, and goes on where it was.
  const ended = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) void client.invalidateQueries({ queryKey: meQuery.queryKey });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: ended }),
    mutationCache: new MutationCache({ onError: ended }),
    defaultOptions: {
      queries: {
        staleTime: 1000,
        retry: (failures, error) => failures < 3 && error instanceof Problem && error.retryable,
      },
      mutations: { retry: false },
    },
  });
  return client;
}

const list = <T>(path: string, organisation?: string) =>
  get<Page<T>>(path, organisation === undefined ? {} : { organisation }).then((page) => page.items);

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () =>
    get<Me>("/auth/me").catch((error: unknown) => {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }),
  staleTime: 10_000,
});

export const chainsQuery = queryOptions({
  queryKey: ["chains"],
  queryFn: () => list<Chain>("/chains"),
  staleTime: 60_000,
});

// Wallets with words: those of imported keys, of shares and those that only watch are not set up on this page.
export const walletsQuery = queryOptions({
  queryKey: ["wallets"],
  queryFn: async () => (await list<Wallet>("/wallets")).filter((wallet) => wallet.kind === "mnemonic"),
});
export const accountsQuery = queryOptions({ queryKey: ["accounts"], queryFn: () => list<Account>("/wallets/accounts") });
export const portfolioQuery = queryOptions({
  queryKey: ["portfolio"],
  queryFn: () => get<Portfolio>("/wallets/portfolio"),
  refetchInterval: CALM,
});

/** Every part of a list. */
async function whole<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const part: Page<T> = await get(`${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...part.items);
    cursor = part.next_cursor;
  }
  return found;
}

const moves = (voucher: Voucher) => voucher.in_flight || voucher.finality !== "finalized";
export const vouchersQuery = queryOptions({
  queryKey: ["vouchers"],
  queryFn: () => whole<Voucher>("/vouchers"),
  refetchInterval: (query) => (query.state.data?.some(moves) ? 1500 : CALM),
});

export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: () => list<Organisation>("/organisations"),
  // Its accounts on the chains follow shortly after it is made.
  refetchInterval: (query) => (query.state.data?.some((found) => found.accounts.length === 0) ? MOVING : false),
});

export const campaignsQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["campaigns", organisation],
    queryFn: () => list<Campaign>("/campaigns", organisation),
    refetchInterval: (query) => (query.state.data?.some((found) => found.status === "launching") ? MOVING : 2000),
  });

export const orderQuery = (id: string, waiting: boolean) =>
  queryOptions({
    queryKey: ["order", id],
    queryFn: () => get<OrderProgress>(`/orders/${id}`),
    refetchInterval: (query) => {
      const status = query.state.data?.order.status;
      if (status === "pending") return MOVING;
      return waiting && status === "open" ? MOVING : false;
    },
  });

export const ordersQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["orders", organisation],
    queryFn: () => get<Page<Order>>("/orders?limit=100", { organisation }).then((page) => page.items),
    refetchInterval: CALM,
  });

export const receiptQuery = (id: string) =>
  queryOptions({ queryKey: ["receipt", id], queryFn: () => get<Receipt>(`/orders/${id}/receipt`), staleTime: Infinity });

export const provenanceQuery = (voucher: string) =>
  queryOptions({ queryKey: ["provenance", voucher], queryFn: () => get<Provenance>(`/vouchers/${voucher}/provenance`) });
