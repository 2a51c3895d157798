import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { useWords } from "../../i18n/language";
import { useNumbers } from "../overview/numbers";
import { Heading } from "../parts/Heading";
import { PagedList } from "../parts/Listed";
import { inboxQuery, surveyQuery } from "../queries";
import type { Case, CaseStatus } from "../shapes";
import { useShop } from "../shop";

export const CASE_CHIPS = { open: "chip chip-warn", answered: "chip chip-good", closed: "chip" } as const;

/** What customers ask this shop. */
export function CaseList() {
  const { t } = useWords();
  const shop = useShop();
  const [status, setStatus] = useState<CaseStatus | "">("");
  const query = useInfiniteQuery(inboxQuery(shop.id, status));
  return (
    <>
      <Heading title={t("shop.cases")}>
        <select aria-label={t("orders.status")} value={status} onChange={(event) => setStatus(event.target.value as CaseStatus | "")} className="select-small">
          <option value="">{t("orders.any")}</option>
          {(["open", "answered", "closed"] as const).map((one) => (
            <option key={one} value={one}>
              {t(`cases.${one}`)}
            </option>
          ))}
        </select>
      </Heading>
      <PagedList query={query} empty={t("cases.none")}>
        {(cases) => (
          <ul className="card rows" aria-label={t("shop.cases")}>
            {cases.map((found) => (
              <li key={found.id}>
                <Row found={found} />
              </li>
            ))}
          </ul>
        )}
      </PagedList>
      <Survey />
    </>
  );
}

function Row({ found }: { found: Case }) {
  const { t, date, time } = useWords();
  return (
    <Link to={`/merchant/cases/${found.id}`} className="row-link">
      <span className="row-main">
        <strong>{found.title}</strong>
        <span className="quiet small">
          {found.reference} · {t(`cases.about_${found.about}`)}
        </span>
      </span>
      <span className="quiet small figures">
        {date(found.updated_at)} {time(found.updated_at)}
      </span>
      <span className={CASE_CHIPS[found.status]}>{t(`cases.${found.status}`)}</span>
    </Link>
  );
}

function Survey() {
  const { t } = useWords();
  const { whole, share } = useNumbers();
  const shop = useShop();
  const { data } = useQuery(surveyQuery(shop.id));
  if (!data || data.answered === 0) return null;
  return (
    <p className="quiet small">
      {t("cases.survey", { answered: whole(data.answered), closed: whole(data.closed), solved: share(data.solved, data.answered) })}
    </p>
  );
}
