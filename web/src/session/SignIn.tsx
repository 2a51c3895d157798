import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

export function SignIn() {
  const { t } = useWords();
  const client = useQueryClient();
  const [isNew, setNew] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");

  const open = useMutation({
    mutationFn: async () => {
      if (isNew) await post("/auth/register", { email, password, display_name: name });
      await post("/auth/login", { email, password, transport: "cookie", device: navigator.userAgent.slice(0, 80) });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };

  return (
    <main className="page page-narrow">
      <h1>{isNew ? t("sign_in.register") : t("sign_in.title")}</h1>
      <form className="card form" onSubmit={submit}>
        {isNew && (
          <Field label={t("sign_in.name")} value={name} required maxLength={120} autoComplete="name" onChange={(e) => setName(e.target.value)} />
        )}
        <Field label={t("sign_in.email")} type="email" value={email} required autoComplete="username" onChange={(e) => setEmail(e.target.value)} />
        <Field
          label={t("sign_in.password")}
          type="password"
          value={password}
          required
          minLength={isNew ? 10 : 1}
          hint={isNew ? t("sign_in.password_hint") : undefined}
          autoComplete={isNew ? "new-password" : "current-password"}
          onChange={(e) => setPassword(e.target.value)}
        />
        <ProblemNotice error={open.error} />
        <button className="button" disabled={open.isPending}>
          {isNew ? t("sign_in.register") : t("sign_in.submit")}
        </button>
        <button type="button" className="button button-plain" onClick={() => setNew(!isNew)}>
          {isNew ? t("sign_in.to_sign_in") : t("sign_in.to_register")}
        </button>
      </form>
      <p className="quiet small">{t("sign_in.local")}</p>
    </main>
  );
}
