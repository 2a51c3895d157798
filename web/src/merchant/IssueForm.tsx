import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState, type FormEvent } from "react";

import { get, post } from "../api/client";
import { MOVING, campaignsQuery } from "../api/queries";
import type { Issuance } from "../api/types";
import { addressOf, chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { seenAccounts } from "../seenAccounts";

interface Props {
  campaign: string;
  chains: readonly string[];
  organisation: string;
}

/** One voucher to one address; what became of it is followed to its end. */
export function IssueForm({ campaign, chains, organisation }: Props) {
  const { t } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const suggestions = useId();
  const [chosen, setChosen] = useState("");
  const [address, setAddress] = useState("");
  const chain = chains.includes(chosen) ? chosen : (chains[0] ?? "");
  const seen = seenAccounts().filter((found) => chainOf(found.account) === chain);

  const issue = useMutation({
    mutationFn: (holder: string) =>
      post<Issuance>(`/campaigns/${campaign}/issue`, { holders: [holder] }, { organisation, act: "issue" }),
  });
  const asked = issue.data;
  const followed = useQuery({
    queryKey: ["issuance", asked?.id],
    queryFn: () => get<Issuance>(`/campaigns/${campaign}/issuances/${asked?.id}`, { organisation }),
    enabled: asked !== undefined,
    refetchInterval: (query) => (isOver(query.state.data) ? false : MOVING),
  });
  const issuance = followed.data ?? asked;
  const over = isOver(issuance);
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: campaignsQuery(organisation).queryKey });
  }, [client, organisation, over]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = address.trim();
    issue.mutate(text.includes(":") ? text : `${chain}:${text}`);
  };
  return (
    <form className="issue" onSubmit={submit}>
      <h4>{t("issue.title")}</h4>
      <div className="row row-end">
        <label className="field field-fit">
          <span>{t("common.chain")}</span>
          <select value={chain} onChange={(event) => setChosen(event.target.value)}>
            {chains.map((id) => (
              <option key={id} value={id}>
                {name(id)}
              </option>
            ))}
          </select>
        </label>
        <Field
          label={t("issue.to")}
          value={address}
          required
          list={suggestions}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setAddress(event.target.value)}
        />
        <datalist id={suggestions}>
          {seen.map((found) => (
            <option key={found.account} value={addressOf(found.account)}>
              {found.owner}
            </option>
          ))}
        </datalist>
        <button className="button" disabled={issue.isPending || (issuance !== undefined && !over)}>
          {t("issue.submit")}
        </button>
      </div>
      <ProblemNotice error={issue.error ?? followed.error} />
      {issuance && !over && <Loading text={t("issue.requested")} />}
      {issuance?.status === "done" && (
        <p className="good small" role="status">
          {t("issue.done")}
        </p>
      )}
      {issuance?.status === "failed" && (
        <p className="bad small" role="alert">
          {t("issue.failed", { reason: issuance.failure?.message ?? "" })}
        </p>
      )}
    </form>
  );
}

function isOver(issuance: Issuance | undefined): boolean {
  return issuance?.status === "done" || issuance?.status === "failed";
}
