import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { meQuery, organisationsQuery } from "../api/queries";
import type { Organisation } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { wordsAt } from "./parts/fieldProblem";

/** What somebody without a shop sees. */
export function OpenShop() {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const open = useMutation({
    mutationFn: () => post<Organisation>("/organisations", { name: name.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      await client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  const wrong = wordsAt(open.error, "name");
  return (
    <form className="card form setup" onSubmit={submit}>
      <h2>{t("merchant.open_title")}</h2>
      <p className="quiet">{t("merchant.open_text")}</p>
      <Field label={t("merchant.name")} value={name} required maxLength={120} error={wrong} onChange={(event) => setName(event.target.value)} />
      {!wrong && <ProblemNotice error={open.error} />}
      <button className="button" disabled={open.isPending}>
        {t("merchant.open")}
      </button>
    </form>
  );
}
