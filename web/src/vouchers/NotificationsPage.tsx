import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import "../style/holder.css";
import { post } from "../api/client";
import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMoments } from "./moments";
import { Following } from "./notices/Following";
import { useLive } from "./notices/state";
import { NoticePreferences } from "./notices/NoticePreferences";
import { noticesQuery, unreadQuery } from "./notices/queries";
import type { Notice } from "./notices/shapes";
import { whereTo } from "./notices/whereTo";

/** What was told to the caller, live, and what the caller wants to be told. */
export default function NotificationsPage() {
  const { t } = useWords();
  const { connected } = useLive();
  const client = useQueryClient();
  const unread = useQuery(unreadQuery).data ?? 0;
  const read = useMutation({
    mutationFn: (ids: readonly string[] | null) => post("/notifications/read", ids === null ? {} : { ids }),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ["notices"] });
      await client.invalidateQueries({ queryKey: unreadQuery.queryKey });
    },
  });
  return (
    <Screen title={t("notices.title")} back="/holder/more">
      <div className="row-between">
        <span className="row-wrap" role="status">
          <span className={unread > 0 ? "chip chip-good" : "chip"}>{t("notices.unread", { count: unread })}</span>
          {connected ? (
            <span className="quiet small live">{t("notices.live")}</span>
          ) : (
            <span className="quiet small">{t("notices.not_live")}</span>
          )}
        </span>
        {unread > 0 && (
          <button type="button" className="button button-quiet" disabled={read.isPending} onClick={() => read.mutate(null)}>
            {t("notices.mark_all")}
          </button>
        )}
      </div>
      <ProblemNotice error={read.error} />
      <Notices onRead={(id) => read.mutate([id])} />
      <Following />
      <NoticePreferences />
    </Screen>
  );
}

function Notices({ onRead }: { onRead: (id: string) => void }) {
  const { t, language } = useWords();
  const [onlyUnread, setOnlyUnread] = useState(false);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    noticesQuery(onlyUnread, language),
  );
  const all = data?.pages.flatMap((part) => part.items) ?? [];
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={onlyUnread} onChange={(event) => setOnlyUnread(event.target.checked)} />
        {t("notices.only_unread")}
      </label>
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : all.length === 0 ? (
        <Empty>{t(onlyUnread ? "notices.none_unread" : "notices.none")}</Empty>
      ) : (
        <ul className="card notices" aria-label={t("notices.title")}>
          {all.map((notice) => (
            <li key={notice.id}>
              <OneNotice notice={notice} onRead={() => onRead(notice.id)} />
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <button type="button" className="button button-quiet" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("notices.more")}
        </button>
      )}
    </>
  );
}

function OneNotice({ notice, onRead }: { notice: Notice; onRead: () => void }) {
  const { t } = useWords();
  const { full } = useMoments();
  const to = whereTo(notice);
  const isNew = notice.read_at === null;
  return (
    <article className={isNew ? "one-notice one-notice-new" : "one-notice"} aria-label={notice.title}>
      <span className="gift-text">
        <strong>
          {notice.title} {isNew && <span className="chip chip-good">{t("notices.new")}</span>}
        </strong>
        <span>{notice.body}</span>
        <span className="quiet small">{full(notice.created_at)}</span>
      </span>
      <span className="row">
        {to && (
          <Link to={to} className="button button-quiet" onClick={onRead}>
            {t("notices.open")}
          </Link>
        )}
        {isNew && (
          <button type="button" className="button button-plain" onClick={onRead}>
            {t("notices.mark")}
          </button>
        )}
      </span>
    </article>
  );
}
