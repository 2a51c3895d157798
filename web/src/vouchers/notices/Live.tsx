import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useLocation } from "react-router";

import { meQuery, portfolioQuery, vouchersQuery } from "../../api/queries";
import { LiveEvents } from "./state";
import { PayPrompt } from "./PayPrompt";
import { unreadQuery } from "./queries";
import type { Happened } from "./shapes";

/** Where a holder is; tills and shops ask by themselves. */
const PLACES = ["/holder", "/pay", "/claim", "/notifications", "/support"];

/** What an event makes out of date, by the begin of its name. */
const CONCERNS: readonly (readonly [prefix: string, keys: readonly (readonly string[])[]])[] = [
  ["notification.", [["notices"], unreadQuery.queryKey]],
  ["voucher.", [vouchersQuery.queryKey]],
  ["claim.", [vouchersQuery.queryKey, ["claim"], ["claims"]]],
  ["order.", [["order"], ["refunds"], vouchersQuery.queryKey, portfolioQuery.queryKey]],
  ["case.", [["cases"], ["case"]]],
  ["gift.", [["gifts-mine"]]],
  ["points.", [["points"], ["statement"]]],
];

/**
 * Listens to the server's event stream while the page is looked at: browsers allow six connections to a server over
 * all their windows, and one that nobody sees needs none.
 */
export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const person = useQuery(meQuery).data?.person.id ?? null;
  const { pathname } = useLocation();
  const [connected, setConnected] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const seen = useSeen();
  const listens = person !== null && seen && PLACES.some((place) => pathname.startsWith(place));

  useEffect(() => {
    if (!listens) return;
    const stream = new EventSource("/api/v1/events");
    stream.onopen = () => setConnected(true);
    stream.onerror = () => setConnected(false);
    stream.onmessage = (message: MessageEvent<string>) => {
      const { kind, data } = JSON.parse(message.data) as Happened;
      if (kind === "order.pay_prompt" && typeof data.order === "string") setAsked(data.order);
      for (const [prefix, keys] of CONCERNS) {
        if (kind.startsWith(prefix)) for (const queryKey of keys) void client.invalidateQueries({ queryKey });
      }
    };
    return () => {
      stream.close();
      setConnected(false);
    };
  }, [listens, person, client]);

  return (
    <LiveEvents value={{ connected, asked, answer: () => setAsked(null) }}>
      {children}
      <PayPrompt />
    </LiveEvents>
  );
}

function useSeen(): boolean {
  const [seen, tell] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const look = () => tell(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return seen;
}
