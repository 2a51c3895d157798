import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { provenanceQuery } from "../api/queries";
import type { ProvenanceNode } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { CustodyFiles, CustodyTable } from "./Custody";
import { mainFigure, useDetails } from "./details";
import { Picture } from "./Picture";
import { Proof } from "./Proof";
import { Replay } from "./Replay";
import { useSettlements } from "./settlements";

const FINALITY_CHIPS: Readonly<Record<string, string>> = { finalized: "chip chip-good", safe: "chip", included: "chip chip-busy" };

const VIEWS = ["tree", "table", "graph"] as const;

export function Trace({ voucher }: { voucher: string }) {
  const { t } = useWords();
  const [view, setView] = useState<(typeof VIEWS)[number]>("tree");
  const { data, error, refetch } = useQuery(provenanceQuery(voucher));
  const campaign = data?.root.details.campaign ?? null;
  const details = useDetails(useSettlements([campaign]));
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <div className={view === "tree" ? "columns columns-even" : "column"}>
      <section className="card column" aria-labelledby="trace">
        <div className="row-between">
          <h2 id="trace">{t("audit.trace")}</h2>
          <CustodyFiles kind="voucher" subject={voucher} />
        </div>
        <div className="tabs" role="group" aria-label={t("audit.as")}>
          {VIEWS.map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {t(`audit.as.${name}`)}
            </button>
          ))}
        </div>
        {view === "tree" ? (
          <ul className="tree">
            <Branch node={data.root} campaign={campaign} details={details} />
          </ul>
        ) : view === "table" ? (
          <CustodyTable kind="voucher" subject={voucher} />
        ) : (
          <Picture voucher={voucher} />
        )}
      </section>
      <div className="column">
        <Proof voucher={voucher} redeemed={data.redemption_id !== null} />
        {data.redemption_id !== null && <Replay redemption={data.redemption_id} />}
      </div>
    </div>
  );
}

interface BranchProps {
  node: ProvenanceNode;
  campaign: string | null;
  details: ReturnType<typeof useDetails>;
}

function Branch({ node, campaign, details }: BranchProps) {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const { place } = node;
  const told = { details: node.details, campaign, chain: place?.chain ?? null };
  const figure = mainFigure(node.details);
  const sum = figure === null ? null : details.money(told, figure);
  const cap = node.details.cap === undefined ? "" : t("campaign.of_cap", { cap: decimalText(BigInt(node.details.cap), 0) });
  const summary = node.act === "campaign" ? node.details.title : node.act === "rules" ? cap : sum && (node.act === "redemption" ? `−${sum}` : sum);
  return (
    <li className={node.standing ? undefined : "fallen"}>
      <div className="act">
        <span className="row-wrap">
          <strong>{maybe(`act.${node.act}`, node.act)}</strong>
          {summary && <span>{summary}</span>}
          {!node.standing ? (
            <span className="chip chip-bad">{t("audit.not_standing")}</span>
          ) : (
            place?.finality && (
              <span className={FINALITY_CHIPS[place.finality] ?? "chip"}>{maybe(`finality.${place.finality}`, place.finality)}</span>
            )
          )}
        </span>
        {place && (
          <span className="quiet small">
            {t("audit.position", { chain: name(place.chain), height: place.height, index: place.transaction_index })}
            {" · "}
            {date(place.block_time)} {time(place.block_time)}
          </span>
        )}
        {place && (
          <span className="small">
            {t("common.transaction")} <CopyText text={place.transaction} label={t("common.transaction")} />
          </span>
        )}
        <details className="small">
          <summary>{t("common.more")}</summary>
          <Facts
            rows={[
              ...(place ? [[t("common.block"), <CopyText key="block" text={place.block_hash} label={t("common.block")} />] as const] : []),
              ...details.rows(told),
            ]}
          />
        </details>
      </div>
      {node.children.length > 0 && (
        <ul>
          {node.children.map((child, place) => (
            <Branch key={place} node={child} campaign={campaign} details={details} />
          ))}
        </ul>
      )}
    </li>
  );
}
