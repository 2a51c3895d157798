import { useState, type FormEvent } from "react";

import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

interface Props {
  label: string;
  submit: string;
  mailed: string;
  pending: boolean;
  error: unknown;
  onSubmit: (code: string) => void;
}

/** One field for a mail's code. A link fills it in; the person presses the button, so that no mail scanner uses it up. */
export function CodeForm({ label, submit, mailed, pending, error, onSubmit }: Props) {
  const { t } = useWords();
  const [typed, setTyped] = useState<string | null>(null);
  const code = typed ?? mailed;
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(code.trim());
  };
  return (
    <form className="form" onSubmit={send}>
      <Field
        label={label}
        value={code}
        required
        minLength={20}
        maxLength={100}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <ProblemNotice error={error} />
      <button className="button" disabled={pending}>
        {pending ? t("common.working") : submit}
      </button>
    </form>
  );
}
