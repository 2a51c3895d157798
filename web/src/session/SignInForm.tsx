import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";

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
import { WalletSignIn } from "./WalletSignIn";

interface Props {
  /** Whether a new account is made; who signs in again is never asked. */
  isNew?: boolean;
  onNew?: (isNew: boolean) => void;
  /** The address of who was signed in until now. */
  email?: string;
}

/** Every way in: password and code, passkey, a wallet elsewhere. */
export function SignInForm({ isNew = false, onNew, email: before = "" }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const [email, setEmail] = useState(before);
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
    <>
      {mailed && (
        <p className="notice" role="status">
          {t("sign_in.mailed")} <Link to="/verify">{t("mailbox.enter")}</Link>
        </p>
      )}
      <form className={onNew ? "card form" : "form"} onSubmit={submit}>
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
        {asksCode && (
          <>
            <p role="status">{t("sign_in.code_asked")}</p>
            <OneTimeCode label={t("sign_in.code")} value={code} onChange={setCode} />
          </>
        )}
        {isKnown ? (
          <p className="notice notice-warn" role="alert">
            {t("sign_in.known")}
          </p>
        ) : (
          !codeMissing && <ProblemNotice error={open.error} />
        )}
        <button className="button button-large" disabled={open.isPending}>
          {isNew ? t("sign_in.register") : t("sign_in.submit")}
        </button>
        {onNew && (
          <button type="button" className="button button-plain" onClick={() => onNew(!isNew)}>
            {isNew ? t("sign_in.to_sign_in") : t("sign_in.to_register")}
          </button>
        )}
      </form>
      <section className="other-ways" aria-labelledby="ways-in">
        <h2 id="ways-in" className="quiet small">
          {t("sign_in.other_ways")}
        </h2>
        {!isNew && knowsPasskeys() && servedByName() && (
          <>
            <button type="button" className="button button-quiet" disabled={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
              {t("sign_in.passkey")}
            </button>
            <Trouble error={byPasskey.error} />
          </>
        )}
        <WalletSignIn />
      </section>
    </>
  );
}
