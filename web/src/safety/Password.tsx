import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { put } from "../api/client";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { devicesQuery } from "./queries";

export function Password() {
  const { t } = useWords();
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => put("/auth/password", { old, new: fresh }),
    onSuccess: () => {
      setOld("");
      setFresh("");
      return client.invalidateQueries({ queryKey: devicesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="card" aria-labelledby="password">
      <h2 id="password">{t("password.title")}</h2>
      <form className="form" onSubmit={submit}>
        <Field
          label={t("password.old")}
          type="password"
          value={old}
          autoComplete="current-password"
          onChange={(event) => setOld(event.target.value)}
        />
        <Field
          label={t("password.new")}
          type="password"
          value={fresh}
          required
          minLength={10}
          hint={t("sign_in.password_hint")}
          autoComplete="new-password"
          onChange={(event) => setFresh(event.target.value)}
        />
        <ProblemNotice error={change.error} />
        {change.isSuccess && (
          <p className="good small" role="status">
            {t("password.done")}
          </p>
        )}
        <button className="button button-quiet" disabled={change.isPending}>
          {t("password.submit")}
        </button>
      </form>
    </section>
  );
}
