import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "../../api/client";
import { CALM } from "../../api/queries";
import type { Page } from "../../api/types";
import type { Case, CaseDetail } from "./shapes";

const PART = 30;

export const casesQuery = infiniteQueryOptions({
  queryKey: ["cases"],
  queryFn: ({ pageParam }) => get<Page<Case>>(`/cases?limit=${PART}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`),
  initialPageParam: "",
  getNextPageParam: (part) => part.next_cursor,
  refetchInterval: 2 * CALM,
});

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["case", id], queryFn: () => get<CaseDetail>(`/cases/${id}`), refetchInterval: CALM });
