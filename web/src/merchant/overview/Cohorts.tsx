import { useQuery } from "@tanstack/react-query";

import { useWords } from "../../i18n/language";
import { Listed } from "../parts/Listed";
import { cohortsQuery } from "../queries";
import type { Cohort } from "../shapes";
import { useShop } from "../shop";
import { useNumbers } from "./numbers";

/** Who came back, by the month of the first order. */
export function Cohorts() {
  const { t } = useWords();
  const shop = useShop();
  const query = useQuery(cohortsQuery(shop.id));
  return (
    <section className="card" aria-labelledby="cohorts">
      <h2 id="cohorts">{t("cohorts.title")}</h2>
      <p className="quiet small">{t("cohorts.note")}</p>
      <Listed query={query} empty={t("cohorts.none")}>
        {(rows) => <Grid rows={rows} />}
      </Listed>
    </section>
  );
}

function Grid({ rows }: { rows: readonly Cohort[] }) {
  const { t } = useWords();
  const { whole, share, month: monthName } = useNumbers();
  const months = [...new Set(rows.map((row) => row.month))].sort().reverse();
  const last = Math.max(...rows.map((row) => row.after));
  const after = Array.from({ length: last + 1 }, (_, place) => place);
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={t("cohorts.title")}>
      <table className="table cohorts">
        <caption className="unseen">{t("cohorts.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("cohorts.month")}</th>
            <th scope="col" className="end">
              {t("cohorts.persons")}
            </th>
            {after.map((place) => (
              <th key={place} scope="col" className="end">
                {t("cohorts.after", { count: place })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.map((month) => {
            const line = rows.filter((row) => row.month === month);
            const persons = line[0]?.persons ?? 0;
            return (
              <tr key={month}>
                <th scope="row">{monthName(month)}</th>
                <td className="end figures">{whole(persons)}</td>
                {after.map((place) => {
                  const found = line.find((row) => row.after === place);
                  const depth = found && persons > 0 ? Math.ceil((found.active / persons) * 4) : 0;
                  return (
                    <td key={place} className={`end figures depth-${depth}`}>
                      {found ? share(found.active, persons) : ""}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
