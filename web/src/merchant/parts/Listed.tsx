import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Page } from "../../api/types";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";

interface Props<T> {
  query: { data: readonly T[] | undefined; error: unknown; refetch: () => unknown };
  /** What is said when there is nothing, and what to do then. */
  empty: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}

/** A list in each of its states: it is being read, could not be, is empty, or is there. */
export function Listed<T>({ query, empty, children }: Props<T>) {
  const { data, error, refetch } = query;
  if (error && data === undefined) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.length === 0) return <div className="empty quiet">{empty}</div>;
  return children(data);
}

interface PagedProps<T> {
  query: UseInfiniteQueryResult<InfiniteData<Page<T>>>;
  empty: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}

/** The same for a list that is read a page at a time. */
export function PagedList<T>({ query, empty, children }: PagedProps<T>) {
  const { t } = useWords();
  const data = query.data?.pages.flatMap((page) => page.items);
  return (
    <Listed query={{ data, error: query.error, refetch: query.refetch }} empty={empty}>
      {(items) => (
        <>
          {children(items)}
          {query.hasNextPage && (
            <button
              type="button"
              className="button button-quiet"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {query.isFetchingNextPage ? t("common.loading") : t("shop.more")}
            </button>
          )}
        </>
      )}
    </Listed>
  );
}
