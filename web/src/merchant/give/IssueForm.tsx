import { useState, type FormEvent } from "react";

import { addressOf, chainOf, useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { seenAccounts } from "../../seenAccounts";
import { Choice } from "../parts/Choice";
import { TextArea } from "../parts/TextArea";
import { IssuanceState, useIssuance } from "./useIssuance";

/** One voucher to each of some addresses of one chain. */
export function IssueForm({ campaign, chains }: { campaign: string; chains: readonly string[] }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const [chosen, setChosen] = useState("");
  const [text, setText] = useState("");
  const chain = chains.includes(chosen) ? chosen : (chains[0] ?? "");
  const seen = seenAccounts().filter((found) => chainOf(found.account) === chain);
  const { ask, issuance, error, busy } = useIssuance(campaign, "issue");
  const addresses = text.split(/[\s,;，；]+/).filter((part) => part !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (addresses.length > 0) ask.mutate({ holders: addresses.map((one) => (one.includes(":") ? one : `${chain}:${one}`)) });
  };
  return (
    <form className="card form" onSubmit={submit} aria-label={t("issue.title")}>
      <Choice
        label={t("common.chain")}
        value={chain}
        onChange={(event) => setChosen(event.target.value)}
        options={chains.map((id) => [id, name(id)])}
      />
      <TextArea
        label={t("issue.to")}
        hint={t("issue.to_hint")}
        value={text}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        className="mono"
        onChange={(event) => setText(event.target.value)}
      />
      {seen.length > 0 && (
        <div className="row">
          <span className="quiet small">{t("issue.seen")}</span>
          {seen.slice(0, 4).map((found) => (
            <button
              key={found.account}
              type="button"
              className="chip chip-button"
              onClick={() => setText((before) => (before.includes(addressOf(found.account)) ? before : `${before.trim()}\n${addressOf(found.account)}`.trim()))}
            >
              {found.owner}
            </button>
          ))}
        </div>
      )}
      <ProblemNotice error={error} />
      <IssuanceState issuance={issuance} />
      <button className="button" disabled={addresses.length === 0 || busy}>
        {addresses.length > 1 ? t("issue.submit_many", { count: addresses.length }) : t("issue.submit")}
      </button>
    </form>
  );
}
