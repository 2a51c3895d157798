import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useNumbers } from "../overview/numbers";
import { Tiles } from "../overview/Tiles";
import { Ask } from "../parts/Ask";
import { Listed } from "../parts/Listed";
import { programmeQuery, programmesQuery } from "../queries";
import type { Programme, Rules } from "../shapes";
import { useShop } from "../shop";

/** The shop's points, with their books. */
export function Programmes() {
  const { t } = useWords();
  const shop = useShop();
  const query = useQuery(programmesQuery(shop.id));
  return (
    <Listed
      query={query}
      empty={
        <>
          {t("points_of.none")} <Link to="/merchant/campaigns/new">{t("campaign.new")}</Link>
        </>
      }
    >
      {(programmes) => programmes.map((programme) => <Card key={programme.id} programme={programme} />)}
    </Listed>
  );
}

function Card({ programme }: { programme: Programme }) {
  const { t, date } = useWords();
  const { whole } = useNumbers();
  const shop = useShop();
  const client = useQueryClient();
  const { data, error } = useQuery(programmeQuery(shop.id, programme.id));
  const rules = programme.rules as unknown as Rules;
  const close = () =>
    post(`/points/programmes/${programme.id}/close`, undefined, { organisation: shop.id }).finally(() =>
      client.invalidateQueries({ queryKey: programmesQuery(shop.id).queryKey }),
    );
  return (
    <section className="card" aria-label={rules.title}>
      <div className="row-between">
        <h2>{rules.title}</h2>
        <span className={programme.status === "open" ? "chip chip-good" : "chip"}>{t(`points_of.${programme.status}`)}</span>
      </div>
      <p className="quiet small">{t("campaign.ends", { date: date(rules.window.valid_until * 1000 - 1) })}</p>
      <ProblemNotice error={error} />
      {data && (
        <>
          <Tiles
            tiles={[
              { name: t("points_of.earned"), value: whole(programme.earned), note: t("campaign.of_cap", { cap: whole(rules.cap) }) },
              { name: t("points_of.spent"), value: whole(Math.abs(data.sides.spent ?? 0)) },
              { name: t("points_of.outstanding"), value: whole(data.outstanding) },
              { name: t("overview.liability"), value: currencyText(data.outstanding_worth) },
            ]}
          />
          <p className={data.balanced ? "good small" : "notice notice-bad"}>{data.balanced ? t("points_of.balanced") : t("points_of.unbalanced")}</p>
        </>
      )}
      {programme.status === "open" && (
        <div>
          <Ask name={t("points_of.close")} title={t("points_of.close_title")} act={close} danger>
            <p>{t("points_of.close_text")}</p>
          </Ask>
        </div>
      )}
    </section>
  );
}
