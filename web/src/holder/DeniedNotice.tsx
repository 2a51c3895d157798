import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import type { Failure } from "./shapes";

const DENIALS: ReadonlySet<string> = new Set(["policy_refused", "risk_refused", "account_frozen"]);

interface Denial {
  code: string;
  message: string;
  facts: Readonly<Record<string, unknown>>;
}

export function isDenied(error: unknown): error is Problem {
  return error instanceof Problem && DENIALS.has(error.code);
}

export const failureDenies = (failure: Failure | null): failure is Failure => failure !== null && DENIALS.has(failure.code);

export function DeniedNotice({ error }: { error: Problem }) {
  return <Denied denial={{ code: error.code, message: error.detail, facts: error.facts }} />;
}

/** Why the owner's rules, the risk rules or a freeze stopped a payment, in plain words, and what can be done. */
export function Denied({ denial, onOverridden }: { denial: Denial; onOverridden?: () => void }) {
  const { t } = useWords();
  const title = { policy_refused: t("denied.title"), risk_refused: t("denied.risk") }[denial.code] ?? t("denied.frozen");
  const alert = typeof denial.facts.alert === "string" ? denial.facts.alert : null;
  return (
    <div className="notice notice-bad" role="alert">
      <strong>{title}</strong>
      {reasonsOf(denial).map((reason) => (
        <p key={reason}>{reason}</p>
      ))}
      <p>{t("denied.nothing")}</p>
      {denial.code === "policy_refused" && <Link to="/holder/limits">{t("denied.limits")}</Link>}
      {denial.code === "account_frozen" && <p>{t("denied.frozen_text")}</p>}
      {denial.code === "risk_refused" && alert && denial.facts.frozen !== true && (
        <Override alert={alert} onDone={onOverridden} />
      )}
    </div>
  );
}

/** The sentences of the rules that spoke; the error's own where none did. */
function reasonsOf({ message, facts }: Denial): readonly string[] {
  const reasons = Array.isArray(facts.reasons) ? facts.reasons : [];
  const said = reasons.flatMap((reason: unknown) => {
    if (typeof reason === "string") return [reason];
    const text = (reason as { message?: unknown } | null)?.message;
    return typeof text === "string" ? [text] : [];
  });
  return said.length > 0 ? said : [message];
}

function Override({ alert, onDone }: { alert: string; onDone?: () => void }) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [code, setCode] = useState("");
  const override = useMutation({
    mutationFn: () => post(`/alerts/${alert}/override`, { reason, code: code || null }),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    override.mutate();
  };
  if (override.isSuccess) return <p role="status">{t("denied.overridden")}</p>;
  return (
    <details>
      <summary>{t("denied.override")}</summary>
      <form className="form" onSubmit={submit}>
        <p className="small">{t("denied.override_text")}</p>
        <Field
          label={t("denied.reason")}
          value={reason}
          required
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        <Field
          label={t("denied.code")}
          value={code}
          inputMode="numeric"
          autoComplete="one-time-code"
          onChange={(event) => setCode(event.target.value)}
        />
        <ProblemNotice error={override.error} hints={{ login_failed: t("approve.code_wrong") }} />
        <button className="button button-quiet" disabled={override.isPending}>
          {t("denied.override_now")}
        </button>
      </form>
    </details>
  );
}
