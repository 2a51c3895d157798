import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMoments } from "./moments";
import { statementQuery } from "./queries";

/** Every entry of the caller's points of one programme. */
export default function StatementPage() {
  const { t, language } = useWords();
  const { full } = useMoments();
  const { programme = "" } = useParams();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(statementQuery(programme));
  const first = data?.pages[0];
  const entries = data?.pages.flatMap((part) => part.entries) ?? [];
  const newest = data?.pages.at(-1);
  const signed = new Intl.NumberFormat(language, { signDisplay: "exceptZero" });
  return (
    <Screen
      title={first ? t("mypoints.statement_of", { title: first.points.title }) : t("mypoints.statement")}
      back="/holder/vouchers/points"
    >
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : first === undefined ? (
        <Loading />
      ) : entries.length === 0 ? (
        <Empty>{t("mypoints.statement_none")}</Empty>
      ) : (
        <>
          <ul className="card entries">
            {entries.map((entry) => (
              <li key={entry.number} className="row-between">
                <span className="gift-text">
                  <span>{t(`mypoints.act_${entry.act}`)}</span>
                  <span className="quiet small">{full(entry.at * 1000)}</span>
                </span>
                <strong className={(entry.postings.available ?? 0) < 0 ? "figures" : "figures good"}>
                  {signed.format(entry.postings.available ?? 0)}
                </strong>
              </li>
            ))}
          </ul>
          {hasNextPage && (
            <button type="button" className="button button-quiet" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t("mypoints.more")}
            </button>
          )}
          <p className="quiet small">
            {t("mypoints.signed")} {t("mypoints.head")}: {newest && <CopyText text={newest.head} label={t("mypoints.head")} />}
          </p>
        </>
      )}
    </Screen>
  );
}
