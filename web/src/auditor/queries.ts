import { queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import type { components } from "../api/schema";
import type { Page } from "../api/types";

type Shapes = components["schemas"];
export type BoardLane = Shapes["BoardLaneRead"];
export type Alarm = Shapes["AlarmRead"];
export type Reconciliation = Shapes["ReconciliationRead"];
export type Custody = Shapes["CustodyRead"];
export type Replay = Shapes["ReplayRead"];
export type LogProof = Shapes["LogProofRead"];

/** The continuous reconciliation takes a round in about a minute. */
const ROUND = 15_000;
const MOST_PARTS = 50;

export const boardQuery = queryOptions({
  queryKey: ["audit", "board"],
  queryFn: async () => {
    const lanes: BoardLane[] = [];
    let cursor: string | null = null;
    for (let part = 0; part < MOST_PARTS; part += 1) {
      const asked: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<BoardLane> = await get(`/audit/reconciliations?limit=200${asked}`);
      lanes.push(...page.items);
      cursor = page.next_cursor;
      if (cursor === null) break;
    }
    return lanes;
  },
  refetchInterval: ROUND,
});

export const alarmsQuery = (cleared: boolean) =>
  queryOptions({
    queryKey: ["audit", "alarms", cleared],
    queryFn: () => get<Page<Alarm>>(`/audit/divergences?cleared=${cleared}`).then((page) => page.items),
    refetchInterval: ROUND,
  });

export const custodyPath = (kind: string, subject: string, shape: "json" | "csv" | "html" | "svg") =>
  `/audit/provenance/${kind}/${encodeURIComponent(subject)}?shape=${shape}`;

export const custodyQuery = (kind: string, subject: string) =>
  queryOptions({
    queryKey: ["audit", "custody", kind, subject],
    queryFn: () => get<Custody>(custodyPath(kind, subject, "json")),
  });
