import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { provenanceQuery } from "../api/queries";
import type { Chain, ProvenanceNode } from "../api/types";
import { shortId, useChainNames } from "../chains";
import { useWords, type Words } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { CustodyFiles, CustodyTable } from "./Custody";
import { Proof } from "./Proof";
import { Replay } from "./Replay";
import { custodyPath } from "./queries";

const FINALITY_CHIPS: Readonly<Record<string, string>> = { finalized: "chip chip-good", safe: "chip", included: "chip chip-busy" };

const VIEWS = ["tree", "table", "graph"] as const;

export function Trace({ voucher }: { voucher: string }) {
  const { t } = useWords();
  const [view, setView] = useState<(typeof VIEWS)[number]>("tree");
  const { data, error, refetch } = useQuery(provenanceQuery(voucher));
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const currency = data.root.children.find((node) => node.act === "rules")?.details.currency ?? "CNY";
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
            <Branch node={data.root} currency={currency} />
          </ul>
        ) : view === "table" ? (
          <CustodyTable kind="voucher" subject={voucher} />
        ) : (
          <div className="table-scroll" tabIndex={0} role="region" aria-label={t("audit.as.graph")}>
            <img
              className="picture"
              src={`/api/v1${custodyPath("voucher", voucher, "svg")}`}
              alt={t("audit.graph_of", { voucher: shortId(voucher) })}
            />
          </div>
        )}
      </section>
      <div className="column">
        <Proof voucher={voucher} redeemed={data.redemption_id !== null} />
        {data.redemption_id !== null && <Replay redemption={data.redemption_id} />}
      </div>
    </div>
  );
}

function Branch({ node, currency }: { node: ProvenanceNode; currency: string }) {
  const words = useWords();
  const { t, maybe, date, time } = words;
  const { chains, name } = useChainNames();
  const { place } = node;
  const summary = summaryOf(node, currency, chains, words);
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
              ...Object.entries(node.details).map(
                ([field, value]) => [field.replaceAll("_", " "), value.length > 24 ? <CopyText text={value} label={field} /> : value] as const,
              ),
            ]}
          />
        </details>
      </div>
      {node.children.length > 0 && (
        <ul>
          {node.children.map((child, place) => (
            <Branch key={place} node={child} currency={currency} />
          ))}
        </ul>
      )}
    </li>
  );
}

const DIGITS = /^\d{1,78}$/;

/** The one figure of an act that people look for. */
function summaryOf({ details, act }: ProvenanceNode, currency: string, chains: readonly Chain[], words: Words): string {
  const minor = details.amount_minor;
  if (act === "redemption" && minor !== undefined && DIGITS.test(minor)) {
    return `−${currencyText({ minor: BigInt(minor), currency })}`;
  }
  const units = details.base_units ?? details.amount;
  const asset = chains.flatMap((chain) => chain.assets).find((found) => found.asset === (details.asset ?? details.settlement));
  if (units !== undefined && DIGITS.test(units) && asset) {
    return chainAmountText({ base_units: units, decimals: asset.decimals, asset: asset.asset, symbol: asset.symbol });
  }
  if (act === "campaign") return details.title ?? "";
  return act === "rules" && details.cap ? words.t("campaign.of_cap", { cap: details.cap }) : "";
}
