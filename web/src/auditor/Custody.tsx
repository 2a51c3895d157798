import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";

import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useDetails } from "./details";
import { custodyPath, custodyQuery } from "./queries";
import { useSettlements } from "./settlements";

/** The chain of custody of one subject as a table, with the same as a file and as a page to print. */
export function Custody({ kind, name, subject }: { kind: string; name: string; subject: string }) {
  const { t, maybe } = useWords();
  return (
    <section className="card" aria-labelledby="custody">
      <div className="row-between">
        <h2 id="custody">{t("audit.custody_of", { kind: maybe(`audit.kind.${name}`, name).toLowerCase() })}</h2>
        <CustodyFiles kind={kind} subject={subject} />
      </div>
      <CustodyTable kind={kind} subject={subject} />
    </section>
  );
}

export function CustodyFiles({ kind, subject }: { kind: string; subject: string }) {
  const { t } = useWords();
  return (
    <span className="row">
      <a className="button button-quiet" href={`/api/v1${custodyPath(kind, subject, "csv")}`} download={`${kind}.csv`}>
        CSV
      </a>
      <a className="button button-quiet" href={`/api/v1${custodyPath(kind, subject, "html")}`} target="_blank" rel="noreferrer">
        {t("audit.print")}
      </a>
    </span>
  );
}

export function CustodyTable({ kind, subject }: { kind: string; subject: string }) {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const { data, error, refetch } = useQuery(custodyQuery(kind, subject));
  const details = useDetails(useSettlements(data?.acts.map((act) => act.campaign) ?? []));
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.acts.length === 0) return <p className="quiet">{t("audit.custody_none")}</p>;
  return (
    <>
      {data.cut && <p className="notice notice-warn">{t("audit.cut")}</p>}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("audit.as.table")}>
        <table className="table custody">
          <thead>
            <tr>
              <th scope="col">{t("audit.act")}</th>
              <th scope="col">{t("audit.when")}</th>
              <th scope="col">{t("audit.what")}</th>
              <th scope="col">{t("audit.where")}</th>
              <th scope="col">{t("common.transaction")}</th>
            </tr>
          </thead>
          <tbody>
            {data.acts.map((act) => {
              const { place } = act;
              return (
                <tr key={`${place.chain} ${place.block_hash} ${place.transaction_index} ${place.event_index}`}>
                  <th scope="row">
                    {maybe(`act.${act.act}`, act.act)}{" "}
                    {act.standing ? (
                      place.finality && <span className="chip">{maybe(`finality.${place.finality}`, place.finality)}</span>
                    ) : (
                      <span className="chip chip-bad">{t("audit.not_standing")}</span>
                    )}
                  </th>
                  <td className="figures">
                    {date(place.block_time)} {time(place.block_time)}
                  </td>
                  <td>
                    <dl className="act-facts small">
                      {details.rows({ details: act.details, campaign: act.campaign, chain: place.chain }).map(([field, value]) => (
                        <Fragment key={field}>
                          <dt className="quiet">{field}</dt>
                          <dd>{value}</dd>
                        </Fragment>
                      ))}
                    </dl>
                  </td>
                  <td>{t("audit.position", { chain: name(place.chain), height: place.height, index: place.transaction_index })}</td>
                  <td>
                    <CopyText text={place.transaction} label={t("common.transaction")} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}
