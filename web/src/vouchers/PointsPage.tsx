import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { OfferedGifts } from "./OfferedGifts";
import { pointsQuery } from "./queries";
import type { Points } from "./shapes";
import { VoucherTabs } from "./VoucherTabs";

/** The caller's points of every shop, what they pay, and what they buy. */
export default function PointsPage() {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(pointsQuery);
  return (
    <Screen title={t("mypoints.title")}>
      <VoucherTabs />
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty>{t("mypoints.none")}</Empty>
      ) : (
        data.map((points) => <Programme key={points.programme} points={points} />)
      )}
    </Screen>
  );
}

function Programme({ points }: { points: Points }) {
  const { t, language, date } = useWords();
  const number = new Intl.NumberFormat(language);
  return (
    <section className="card" aria-label={points.title}>
      <div className="row-between">
        <h2>{points.title}</h2>
        <Link to={`/holder/vouchers/points/${points.programme}`}>{t("mypoints.statement")}</Link>
      </div>
      <p className="points-figure">{t("mypoints.available", { points: number.format(points.available) })}</p>
      <p className="quiet">{t("mypoints.worth", { amount: currencyText(points.worth) })}</p>
      {points.held > 0 && <p className="small">{t("mypoints.held", { points: number.format(points.held) })}</p>}
      {points.debt > 0 && <p className="small bad">{t("mypoints.debt", { points: number.format(points.debt) })}</p>}
      {points.expiring.length > 0 && (
        <ul className="plain small quiet">
          {points.expiring.slice(0, 3).map((lot) => (
            <li key={lot.expires_at}>
              {t("mypoints.expiring", { points: number.format(lot.points), date: date(lot.expires_at * 1000 - 1) })}
            </li>
          ))}
        </ul>
      )}
      <OfferedGifts points={points} />
    </section>
  );
}
