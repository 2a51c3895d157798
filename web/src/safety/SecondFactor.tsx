import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import type { TotpSetup } from "../api/types";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import { secondFactorQuery } from "./queries";

/** An authenticator beside the password. Secret and recovery codes live in these components' memory only. */
export function SecondFactor() {
  const { t } = useWords();
  const client = useQueryClient();
  const { data, error } = useQuery(secondFactorQuery);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const setUp = useMutation({ mutationFn: () => post<TotpSetup>("/auth/totp"), gcTime: 0 });

  const changed = async (shown: readonly string[] | null) => {
    setUp.reset();
    setCodes(shown);
    await client.invalidateQueries({ queryKey: secondFactorQuery.queryKey });
    await client.invalidateQueries({ queryKey: ["check-up"] });
  };

  return (
    <section className="card" aria-labelledby="second-factor">
      <h2 id="second-factor">{t("factor.title")}</h2>
      {!data && !error && <Loading />}
      {data && <p className={data.totp ? "good" : "quiet"}>{data.totp ? t("factor.on") : t("factor.off")}</p>}
      {codes !== null ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      ) : data?.totp ? (
        <Running left={data.recovery_codes_left} onChanged={changed} />
      ) : setUp.data ? (
        <FirstCode setup={setUp.data} onConfirmed={changed} />
      ) : (
        data && (
          <button type="button" className="button" disabled={setUp.isPending} onClick={() => setUp.mutate()}>
            {t("factor.set_up")}
          </button>
        )
      )}
      <ProblemNotice error={setUp.error ?? error} />
    </section>
  );
}

function FirstCode({ setup, onConfirmed }: { setup: TotpSetup; onConfirmed: (codes: readonly string[]) => Promise<void> }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => post<{ codes: string[] }>("/auth/totp/confirm", { code }),
    onSuccess: (answer) => onConfirmed(answer.codes),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <p>{t("factor.scan")}</p>
      <QrCode text={setup.uri} label={t("factor.qr")} />
      <CopyText text={setup.secret} label={t("factor.secret")} whole />
      <OneTimeCode label={t("factor.code")} value={code} onChange={setCode} />
      <ProblemNotice error={confirm.error} hints={{ login_failed: t("approve.code_wrong") }} />
      <button className="button" disabled={confirm.isPending}>
        {t("factor.confirm")}
      </button>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useWords();
  return (
    <>
      <h3 id="recovery-codes">{t("factor.recovery")}</h3>
      <p>{t("factor.recovery_text")}</p>
      <ul className="plain" aria-labelledby="recovery-codes" translate="no">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={onKept}>
        {t("factor.recovery_kept")}
      </button>
    </>
  );
}

function Running({ left, onChanged }: { left: number; onChanged: (codes: readonly string[] | null) => Promise<void> }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const renew = useMutation({
    mutationFn: () => post<{ codes: string[] }>("/auth/recovery-codes", { code }),
    onSuccess: (answer) => onChanged(answer.codes),
    gcTime: 0,
  });
  const turnOff = useMutation({
    mutationFn: () => post("/auth/totp/remove", { code }),
    onSuccess: () => onChanged(null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    turnOff.reset();
    renew.mutate();
  };
  const pending = renew.isPending || turnOff.isPending;
  return (
    <form className="form" onSubmit={submit}>
      <p className="quiet small">{t("factor.codes_left", { count: left })}</p>
      <OneTimeCode label={t("factor.any_code")} value={code} onChange={setCode} />
      <ProblemNotice error={renew.error ?? turnOff.error} hints={{ login_failed: t("approve.code_wrong") }} />
      <div className="row">
        <button className="button button-quiet" disabled={pending}>
          {t("factor.renew")}
        </button>
        <button
          type="button"
          className="button button-plain"
          disabled={pending || code === ""}
          onClick={() => {
            renew.reset();
            turnOff.mutate();
          }}
        >
          {t("factor.remove")}
        </button>
      </div>
    </form>
  );
}

export function OneTimeCode({ label, value, onChange }: { label: string; value: string; onChange: (code: string) => void }) {
  return (
    <Field
      label={label}
      value={value}
      required
      minLength={6}
      maxLength={40}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
