import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";

import { post } from "../api/client";
import { vouchersQuery } from "../api/queries";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { ProblemNotice } from "../parts/ProblemNotice";
import { ClaimTrouble } from "./claims/ClaimTrouble";
import { useMoments } from "./moments";
import { waitingQuery } from "./queries";
import type { Claim, WaitingLeaf } from "./shapes";

/** What shops have set aside for the holder by a list: shown until it is claimed, or can be no longer. */
export function WaitingLeaves() {
  const { t, language } = useWords();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(waitingQuery(language));
  const many = data?.length;
  useEffect(() => {
    // One that has left this list may have become a voucher.
    if (many !== undefined) void client.invalidateQueries({ queryKey: vouchersQuery.queryKey });
  }, [client, many]);
  if (error && data === undefined) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined || data.length === 0) return null;
  return (
    <section className="card" aria-labelledby="waiting-leaves">
      <h2 id="waiting-leaves">{t("waiting.title")}</h2>
      <p className="quiet small">{t("waiting.text")}</p>
      <ul className="rows">
        {data.map((leaf) => (
          <li key={`${leaf.chain} ${leaf.voucher}`}>
            <Leaf leaf={leaf} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Leaf({ leaf }: { leaf: WaitingLeaf }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const { full } = useMoments();
  const client = useQueryClient();
  const { campaign, drop, account, index } = leaf;
  const claim = useMutation({
    mutationFn: () => post<Claim>("/claims/drops", { campaign, drop, account, index }, { act: "claim" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["claims"] }),
  });
  const moving = leaf.status === "requested" || leaf.status === "issued";
  return (
    <article className="waiting-leaf" aria-label={leaf.title}>
      <span className="gift-text">
        <strong>{leaf.summary}</strong>
        <span>
          <Link to={`/claim/${campaign}`}>{leaf.title}</Link> · {leaf.organisation}
        </span>
        <span className="quiet small">{t("waiting.until", { moment: full(leaf.claim_until), chain: name(leaf.chain) })}</span>
      </span>
      {moving ? (
        <span className="chip chip-busy" role="status">
          {t("waiting.moving")}
        </span>
      ) : (
        <button type="button" className="button" disabled={claim.isPending} onClick={() => claim.mutate()}>
          {claim.isPending ? t("common.working") : t("waiting.claim")}
        </button>
      )}
      {leaf.status === "failed" && !claim.isPending && (
        <p className="bad small" role="alert">
          {t("waiting.failed", { reason: leaf.failure?.message ?? "" })}
        </p>
      )}
      <ClaimTrouble error={claim.error} />
    </article>
  );
}
