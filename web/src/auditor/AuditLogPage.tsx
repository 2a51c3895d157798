import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type FormEvent } from "react";

import { get } from "../api/client";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import type { LogProof } from "./queries";

/** One entry of the hash-chained log with its proof, to be kept and checked elsewhere. */
export function AuditLogPage() {
  const { t } = useWords();
  const me = useMe();
  // Everybody's own readings are what can be tried first.
  const [subject, setSubject] = useState(me.person.id);
  const [sequence, setSequence] = useState("1");
  const prove = useMutation({
    mutationFn: () => get<LogProof>(`/audit/log/${encodeURIComponent(subject.trim())}/${encodeURIComponent(sequence)}`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prove.mutate();
  };
  return (
    <section className="card" aria-labelledby="log">
      <h2 id="log">{t("audit.log")}</h2>
      <p className="quiet">{t("audit.log_text")}</p>
      <form className="row row-end" onSubmit={submit}>
        <Field
          label={t("audit.log_subject")}
          value={subject}
          required
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setSubject(event.target.value)}
        />
        <Field
          label={t("audit.log_sequence")}
          type="number"
          min={1}
          value={sequence}
          required
          onChange={(event) => setSequence(event.target.value)}
        />
        <button className="button" disabled={prove.isPending}>
          {prove.isPending ? t("common.working") : t("audit.log_prove")}
        </button>
      </form>
      <ProblemNotice error={prove.error} />
      {prove.data && <Proven proof={prove.data} />}
    </section>
  );
}

function Proven({ proof }: { proof: LogProof }) {
  const { t } = useWords();
  const entry = (proof.proof as { entry?: unknown }).entry ?? proof.proof;
  return (
    <div className="verdict" role="status">
      <h3>{t("audit.log_entry")}</h3>
      <pre className="record" tabIndex={0}>
        {JSON.stringify(entry, null, 2)}
      </pre>
      <h3>{t("audit.log_root")}</h3>
      <pre className="record" tabIndex={0}>
        {JSON.stringify(proof.root, null, 2)}
      </pre>
      <div className="row">
        <Saved value={proof.root} name="root.json" />
        <Saved value={proof.proof} name="proof.json" />
      </div>
      <p className="small">
        {t("audit.log_check")} <CopyText whole text=".venv/bin/quanbao audit-log verify-entry root.json proof.json" />
      </p>
    </div>
  );
}

function Saved({ value, name }: { value: unknown; name: string }) {
  const address = useMemo(() => URL.createObjectURL(new Blob([JSON.stringify(value)], { type: "application/json" })), [value]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <a className="button button-quiet" href={address} download={name}>
      {name}
    </a>
  );
}
