import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "../../api/client";
import { CALM } from "../../api/queries";
import type { Page } from "../../api/types";
import type { Language } from "../../i18n/dictionary";
import type { Followed, Notice, Preferences } from "./shapes";

const PART = 30;

/** Newest first; their texts come in the language that was asked in. */
export const noticesQuery = (unread: boolean, language: Language) =>
  infiniteQueryOptions({
    queryKey: ["notices", unread, language],
    queryFn: ({ pageParam }) =>
      get<Page<Notice>>(`/notifications?limit=${PART}${unread ? "&unread=true" : ""}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`),
    initialPageParam: "",
    getNextPageParam: (part) => part.next_cursor,
    refetchInterval: CALM,
  });

export const unreadQuery = queryOptions({
  queryKey: ["notices-unread"],
  queryFn: () => get<{ count: number }>("/notifications/unread").then((found) => found.count),
  refetchInterval: 4 * CALM,
});

export const preferencesQuery = queryOptions({
  queryKey: ["notice-preferences"],
  queryFn: () => get<Preferences>("/notifications/preferences"),
});

export const followingQuery = queryOptions({
  queryKey: ["following"],
  queryFn: () => get<Page<Followed>>("/notifications/following").then((page) => page.items),
  staleTime: 10_000,
});
