import { useState, type FormEvent } from "react";

import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { isCampaign, isCode } from "./queries";

/** The code itself, or a whole link with it. */
function codeIn(text: string): string | null {
  const last = text.trim().split(/[/#\s]/u).at(-1) ?? "";
  const bare = last.replace(/[\s-]/gu, "");
  if (isCode(bare)) return bare.toUpperCase();
  return isCampaign(bare) ? bare : null;
}

/** For codes on cards, and for links that somebody pastes. */
export function CodeEntry({ onCode, wrong = false }: { onCode: (code: string) => void; wrong?: boolean }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [refused, setRefused] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = codeIn(text);
    if (code === null) setRefused(true);
    else onCode(code);
  };
  return (
    <main className="page page-narrow">
      <h1>{t("claimpage.title")}</h1>
      {wrong && (
        <div className="notice notice-bad" role="alert">
          <strong>{t("claimpage.wrong")}</strong>
          <p>{t("claimpage.wrong_text")}</p>
        </div>
      )}
      <form className="card form" onSubmit={submit}>
        <h2>{t("claimpage.code_title")}</h2>
        <Field
          label={t("claimpage.code")}
          hint={t("claimpage.code_hint")}
          value={text}
          required
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          error={refused ? t("claimpage.code_bad") : null}
          onChange={(event) => {
            setText(event.target.value);
            setRefused(false);
          }}
        />
        <button className="button">{t("claimpage.code_open")}</button>
      </form>
    </main>
  );
}
