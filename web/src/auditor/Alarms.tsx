import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Sides, useFaultName } from "./Divergence";
import { alarmsQuery } from "./queries";
import { useSettlements } from "./settlements";

/** What the continuous reconciliation found and has not seen mended, newest first. */
export function Alarms() {
  const { t, date, time } = useWords();
  const { name } = useChainNames();
  const [over, setOver] = useState(false);
  const { data: alarms, error, refetch } = useQuery(alarmsQuery(over));
  const { settlementOf } = useSettlements(alarms?.map((alarm) => alarm.campaign) ?? []);
  const faultName = useFaultName();
  return (
    <section className="card" aria-labelledby="alarms">
      <div className="row-between">
        <h2 id="alarms">{t("audit.alarms")}</h2>
        <label className="row">
          <input type="checkbox" checked={over} onChange={(event) => setOver(event.target.checked)} /> {t("audit.alarms_over")}
        </label>
      </div>
      {error ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : alarms === undefined ? (
        <Loading />
      ) : alarms.length === 0 ? (
        <p className="quiet">✓ {t("audit.alarms_none")}</p>
      ) : (
        <ul className="plain list">
          {alarms.map((alarm) => (
            <li key={alarm.id} className="hit">
              <span className={alarm.cleared_at ? "chip" : "chip chip-bad"}>{faultName(alarm.fault)}</span>
              <CopyText text={alarm.subject} label={t("audit.subject")} />
              <Sides {...alarm} settlement={settlementOf(alarm.campaign, alarm.chain)} />
              <span className="quiet small">
                {name(alarm.chain)} · {t("audit.height")} {alarm.height} · {date(alarm.found_at)} {time(alarm.found_at)}
                {alarm.cleared_at && ` · ${t("audit.over", { date: date(alarm.cleared_at) })}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
