import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "react-router";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { OneTimeCode } from "../safety/SecondFactor";
import { Trouble } from "../safety/Trouble";
import { askPasskey, knowsPasskeys, servedByName, type Options } from "../safety/webauthn";
import { deviceName } from "./deviceName";

export function SignIn() {
  const { t } = useWords();
  const client = useQueryClient();
  const erased = (useLocation().state as { erased?: boolean } | null)?.erased;
  const [isNew, setNew] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [mailed, setMailed] = useState(false);
  const signedIn = () => client.invalidateQueries({ queryKey: meQuery.queryKey });

  const open = useMutation({
    mutationFn: async () => {
      if (isNew) {
        // The answer is the same for everybody. Where accounts begin by mail, nobody is signed in yet.
        const begun = await post<{ next: string }>("/auth/register", { email, password, display_name: name });
        if (begun.next === "look_into_your_mail") return setMailed(true);
      }
      await post("/auth/login", { email, password, code: code || null, transport: "cookie", device: deviceName() });
    },
    onSuccess: signedIn,
    gcTime: 0,
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const { credential } = await askPasskey(await post<Options>("/auth/passkeys/login/options"));
      await post("/auth/passkeys/login", { credential, transport: "cookie", device: deviceName() });
    },
    onSuccess: signedIn,
  });
  // Whether an account asks for a code is told to who knows its password; then it is asked for until it fits.
  const [asksCode, setAsksCode] = useState(false);
  const codeMissing = open.error instanceof Problem && open.error.code === "second_factor_required";
  if (codeMissing && !asksCode) setAsksCode(true);
  // Registering says nothing of who is known; only the account's own password opens it.
  const isKnown = isNew && open.error instanceof Problem && open.error.code === "login_failed";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };

  return (
    <main className="page page-narrow">
      {erased && (
        <p className="notice notice-good" role="status">
          {t("data.erased")}
        </p>
      )}
      {mailed && (
        <p className="notice" role="status">
          {t("sign_in.mailed")} <Link to="/verify">{t("mailbox.enter")}</Link>
        </p>
      )}
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
        {asksCode && !isNew && (
          <>
            <p role="status">{t("sign_in.code_asked")}</p>
            <OneTimeCode label={t("sign_in.code")} value={code} onChange={setCode} />
          </>
        )}
        {isKnown && (
          <p className="notice notice-bad" role="alert">
            {t("sign_in.known")}
          </p>
        )}
        {!codeMissing && !isKnown && <ProblemNotice error={open.error} />}
        <button className="button" disabled={open.isPending}>
          {isNew ? t("sign_in.register") : t("sign_in.submit")}
        </button>
        <button type="button" className="button button-plain" onClick={() => setNew(!isNew)}>
          {isNew ? t("sign_in.to_sign_in") : t("sign_in.to_register")}
        </button>
      </form>
      {!isNew && knowsPasskeys() && servedByName() && (
        <>
          <button type="button" className="button button-quiet" disabled={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
            {t("sign_in.passkey")}
          </button>
          <Trouble error={byPasskey.error} />
        </>
      )}
      <p className="quiet small">{t("sign_in.local")}</p>
      <p className="small">
        <Link to="/privacy">{t("sign_in.privacy")}</Link>
      </p>
    </main>
  );
}
