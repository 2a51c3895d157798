import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { parseMinor } from "../../money";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Choice } from "../parts/Choice";
import { wordsAt } from "../parts/fieldProblem";
import type { Segment, SegmentBody } from "../shapes";
import { useShop } from "../shop";
import { IssuanceState, useIssuance } from "./useIssuance";

const EMPTY = { bought_sku: "", spent: "", seen: "", gone: "" };

/** To those among the people who have paid here who have all that is named in common. */
export function SegmentForm({ campaign, chains }: { campaign: string; chains: readonly string[] }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const shop = useShop();
  const [chain, setChain] = useState(chains[0] ?? "");
  const [typed, setTyped] = useState(EMPTY);
  const change = (part: Partial<typeof EMPTY>) => {
    setTyped({ ...typed, ...part });
    look.reset();
  };
  const days = (text: string) => (text.trim() === "" ? null : /^[1-9]\d{0,3}$/.test(text.trim()) ? Number(text) : undefined);
  const spent = typed.spent.trim() === "" ? null : (parseMinor(typed.spent) ?? undefined);
  const seen = days(typed.seen);
  const gone = days(typed.gone);
  const body: SegmentBody | null =
    spent === undefined || seen === undefined || gone === undefined
      ? null
      : {
          chain,
          bought_sku: typed.bought_sku.trim() || null,
          spent_minor: spent,
          currency: spent === null ? null : "CNY",
          seen_within_days: seen,
          not_seen_within_days: gone,
        };
  const look = useMutation({
    mutationFn: (asked: SegmentBody) => post<Segment>(`/campaigns/${campaign}/segment`, asked, { organisation: shop.id }),
  });
  const { ask, issuance, error, busy } = useIssuance(campaign, "issue-segment");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body) look.mutate(body);
  };
  return (
    <form className="card form" onSubmit={submit} aria-label={t("give.segment")}>
      <div className="pair">
        <Choice
          label={t("common.chain")}
          value={chain}
          onChange={(event) => {
            setChain(event.target.value);
            look.reset();
          }}
          options={chains.map((id) => [id, name(id)])}
        />
        <Field label={t("segment_of.sku")} value={typed.bought_sku} maxLength={120} error={wordsAt(look.error, "segment.bought_sku")} onChange={(event) => change({ bought_sku: event.target.value })} />
        <Field
          label={t("segment_of.spent")}
          before="¥"
          inputMode="decimal"
          value={typed.spent}
          error={spent === undefined ? t("launch.bad_money") : wordsAt(look.error, "segment.spent_minor")}
          onChange={(event) => change({ spent: event.target.value })}
        />
        <Field
          label={t("segment_of.seen")}
          inputMode="numeric"
          value={typed.seen}
          error={seen === undefined ? t("launch.bad_whole") : wordsAt(look.error, "segment.seen_within_days")}
          onChange={(event) => change({ seen: event.target.value })}
        />
        <Field
          label={t("segment_of.gone")}
          inputMode="numeric"
          value={typed.gone}
          error={gone === undefined ? t("launch.bad_whole") : wordsAt(look.error, "segment.not_seen_within_days")}
          onChange={(event) => change({ gone: event.target.value })}
        />
      </div>
      <ProblemNotice error={look.error ?? error} />
      <div className="row">
        <button className="button button-quiet" disabled={body === null || look.isPending}>
          {t("segment_of.look")}
        </button>
        {look.data && (
          <strong role="status" className="figures">
            {t("segment_of.count", { count: look.data.count })}
          </strong>
        )}
      </div>
      {look.data && look.data.count > 0 && (
        <button type="button" className="button" disabled={busy} onClick={() => body && ask.mutate(body)}>
          {busy ? t("common.working") : t("segment_of.issue", { count: look.data.count })}
        </button>
      )}
      <IssuanceState issuance={issuance} />
    </form>
  );
}
