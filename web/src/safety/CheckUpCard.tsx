import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { CheckItem } from "../api/types";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { checkUpQuery } from "./queries";

const CHIPS = { ok: "chip chip-good", advice: "chip chip-warn", mend: "chip chip-bad" } as const;
/** Where on the page a line is mended. */
const PLACES: Readonly<Record<string, string>> = {
  backup: "/holder",
  second_factor: "#second-factor",
  devices: "#devices",
  email: "#mailbox",
  approvals: "/holder/approvals",
  limits: "/holder/limits",
};

/** What to mend, the most urgent first. */
export function CheckUpCard() {
  const { t, language } = useWords();
  const { data, error, refetch } = useQuery(checkUpQuery(language));
  return (
    <section className="card" aria-labelledby="check-up">
      <h2 id="check-up">{t("check_up.title")}</h2>
      <ProblemNotice error={error} again={() => void refetch()} />
      {!data && !error && <Loading />}
      {data && data.items.every((item) => item.state === "ok") && <p className="good">{t("check_up.all_well")}</p>}
      <ul className="plain">
        {data?.items.map((item) => (
          <li key={item.id} className="check-line">
            <p className="sentence">{item.says}</p>
            <span className={CHIPS[item.state]}>{t(`check_up.state.${item.state}`)}</span>
            <Mend item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mend({ item }: { item: CheckItem }) {
  if (item.mend === null) return null;
  const place = PLACES[item.id];
  if (place === undefined) return <p className="quiet small whole sentence">{item.mend}</p>;
  return (
    <p className="small whole sentence">{place.startsWith("#") ? <a href={place}>{item.mend}</a> : <Link to={place}>{item.mend}</Link>}</p>
  );
}
