import { queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import { CALM } from "../api/queries";
import type { Order, Page } from "../api/types";

const MOST_PAGES = 10;

/** What was charged since midnight, by this device's clock, newest first. */
export const todayQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["today", organisation],
    queryFn: async () => {
      const midnight = new Date().setHours(0, 0, 0, 0);
      const found: Order[] = [];
      let cursor = "";
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const next = await get<Page<Order>>(`/orders?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { organisation });
        const today = next.items.filter((order) => Date.parse(order.created_at) >= midnight);
        found.push(...today);
        if (next.next_cursor === null || today.length < next.items.length) break;
        cursor = next.next_cursor;
      }
      return found;
    },
    refetchInterval: CALM,
    refetchIntervalInBackground: true,
  });
