import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { Camera } from "../holder/Camera";
import { useWords } from "../i18n/language";
import { wordsAt } from "../merchant/parts/fieldProblem";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

/** The secret of what a customer shows (`quanbao:present:…`), or of what was typed; null when it is neither. */
function secretOf(text: string): string | null {
  const bare = text.trim().replace(/^quanbao:present:/i, "");
  return /^[A-Za-z0-9_-]{20,64}$/.test(bare) ? bare : null;
}

/** The other handshake: the customer shows a code, and is asked on the own device to pay. */
export function ScanCustomer({ order, organisation }: { order: string; organisation: string }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const scan = useMutation({
    mutationFn: (secret: string) => post(`/orders/${order}/scan`, { secret }, { organisation }),
    onSuccess: () => setText(""),
  });
  const read = (found: string) => {
    const secret = secretOf(found);
    setWrong(secret === null);
    if (secret !== null) scan.mutate(secret);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    read(text);
  };
  if (scan.isSuccess) {
    return (
      <p className="notice notice-good" role="status">
        {t("till.asked")}
      </p>
    );
  }
  return (
    <details className="till-more">
      <summary>{t("till.scan_customer")}</summary>
      <div className="form">
        <Camera busy={scan.isPending} onFound={read} />
        <form className="row row-end" onSubmit={submit}>
          <Field
            label={t("till.code")}
            value={text}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            error={wrong ? t("till.code_wrong") : wordsAt(scan.error, "secret")}
            onChange={(event) => {
              setText(event.target.value);
              setWrong(false);
            }}
          />
          <button className="button button-quiet" disabled={text.trim() === "" || scan.isPending}>
            {t("till.ask_customer")}
          </button>
        </form>
        {!wordsAt(scan.error, "secret") && <ProblemNotice error={scan.error} />}
      </div>
    </details>
  );
}
