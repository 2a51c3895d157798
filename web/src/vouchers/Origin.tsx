import { useQuery } from "@tanstack/react-query";

import { provenanceQuery } from "../api/queries";
import type { ProvenanceNode, Voucher } from "../api/types";
import { addressOf, shortId, useChainNames } from "../chains";
import { useWords, type Words } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { useMoments } from "./moments";

/** The voucher's life from the campaign on, told in order. */
export function Origin({ voucher }: { voucher: Voucher }) {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(provenanceQuery(voucher.id));
  return (
    <section className="card" aria-labelledby="voucher-origin">
      <h2 id="voucher-origin">{t("voucher.origin")}</h2>
      {data ? (
        <>
          <p className="quiet small">{t("voucher.origin_text")}</p>
          <ol className="life">
            {inOrder(data.root).map((node, place) => (
              <Act key={place} node={node} holder={voucher.holder} />
            ))}
          </ol>
        </>
      ) : error ? (
        <div className="row-between">
          <span className="quiet">{t("voucher.origin_missing")}</span>
          <button type="button" className="button button-quiet" onClick={() => void refetch()}>
            {t("common.again")}
          </button>
        </div>
      ) : (
        <Loading />
      )}
    </section>
  );
}

/** Acts without a place come first: they were before the chain. */
function inOrder(root: ProvenanceNode): readonly ProvenanceNode[] {
  const all: ProvenanceNode[] = [];
  const walk = (node: ProvenanceNode) => {
    all.push(node);
    node.children.forEach(walk);
  };
  walk(root);
  const moment = (node: ProvenanceNode) => (node.place ? Date.parse(node.place.block_time) : 0);
  return all.sort((one, other) => moment(one) - moment(other));
}

function Act({ node, holder }: { node: ProvenanceNode; holder: string }) {
  const words = useWords();
  const { t, maybe } = words;
  const { full } = useMoments();
  const { name } = useChainNames();
  const { place } = node;
  return (
    <li className={node.standing ? undefined : "life-fallen"}>
      <span>{sentenceOf(node, holder, words)}</span>
      {!node.standing && <span className="chip chip-bad">{t("origin.not_standing")}</span>}
      {place && (
        <span className="quiet small">
          {full(place.block_time)}
          {node.standing && place.finality && ` · ${maybe(`finality.${place.finality}`, place.finality)}`}
        </span>
      )}
      {place && (
        <details className="small">
          <summary>{t("common.more")}</summary>
          <p className="quiet">{t("origin.block", { chain: name(place.chain), height: place.height })}</p>
          <CopyText text={place.transaction} label={t("common.transaction")} />
        </details>
      )}
    </li>
  );
}

function sentenceOf({ act, details }: ProvenanceNode, holder: string, { t, maybe }: Words): string {
  const to = details.holder ?? details.to;
  if (act === "issue" && to !== undefined && to !== holder) {
    return t("origin.issue_other", { address: shortId(addressOf(to)) });
  }
  return maybe(`origin.${act}`, maybe(`act.${act}`, act), { title: details.title ?? "" });
}
