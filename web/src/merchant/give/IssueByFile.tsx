import { useState, type FormEvent } from "react";

import { useWords } from "../../i18n/language";
import { CsvText, RowErrors } from "../parts/Csv";
import { IssuanceState, useIssuance } from "./useIssuance";

/** To the accounts of a file; a file with a bad row does nothing. */
export function IssueByFile({ campaign }: { campaign: string }) {
  const { t } = useWords();
  const [csv, setCsv] = useState("");
  const { ask, issuance, error, busy } = useIssuance(campaign, "issue-csv");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({ csv });
  };
  return (
    <form className="card form" onSubmit={submit} aria-label={t("give.file")}>
      <CsvText label={t("give.csv")} hint={t("give.csv_hint")} value={csv} placeholder={"account,count\neip155:31337:0x…,1"} onChange={setCsv} />
      <RowErrors error={error} />
      <IssuanceState issuance={issuance} />
      <button className="button" disabled={csv.trim() === "" || busy}>
        {busy ? t("common.working") : t("issue.submit")}
      </button>
    </form>
  );
}
