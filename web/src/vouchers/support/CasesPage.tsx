import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Empty } from "../../holder/Empty";
import { Screen } from "../../holder/Screen";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useMoments } from "../moments";
import { CaseChip } from "./CaseChip";
import { casesQuery } from "./queries";

export function CasesPage() {
  const { t } = useWords();
  const { full } = useMoments();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(casesQuery);
  const cases = data?.pages.flatMap((part) => part.items) ?? [];
  const ask = (
    <Link to="/support/new" className="button">
      {t("mycase.new")}
    </Link>
  );
  return (
    <Screen title={t("mycase.title")} end={cases.length > 0 ? ask : undefined}>
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : cases.length === 0 ? (
        <Empty act={ask}>{t("mycase.none")}</Empty>
      ) : (
        <ul className="card notices" aria-label={t("mycase.list")}>
          {cases.map((one) => (
            <li key={one.id}>
              <Link to={`/support/${one.id}`} className="one-notice one-case">
                <span className="gift-text">
                  <strong>{one.title}</strong>
                  <span className="quiet small">
                    {t("mycase.reference")} {one.reference} · {full(one.updated_at)}
                  </span>
                </span>
                <CaseChip found={one} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <button type="button" className="button button-quiet" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("mypoints.more")}
        </button>
      )}
    </Screen>
  );
}
