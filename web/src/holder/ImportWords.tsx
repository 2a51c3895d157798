import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { post } from "../api/client";
import { meQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { FirstPassphrase, useFirstPassphrase } from "./FirstPassphrase";
import { openAccounts } from "./WalletSetup";

const COUNTS: ReadonlySet<number> = new Set([12, 15, 18, 21, 24]);

/** A wallet from words. They live in this component's memory only, and go to the server once. */
export function ImportWords({ onDone }: { onDone: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const secret = useFirstPassphrase();
  const id = useId();
  const [text, setText] = useState("");
  const [extra, setExtra] = useState("");
  const words = text.trim().split(/\s+/u).filter(Boolean);
  const [tried, setTried] = useState(false);
  const wrong = tried && !COUNTS.has(words.length);

  const bring = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      await secret.set();
      const body = { label: t("wallet.label_imported"), mnemonic: words.join(" "), bip39_passphrase: extra };
      const wallet = await withUnlock(() => post<Wallet>("/wallets/import", body));
      if (wallet === null) return;
      await withUnlock(() => openAccounts(client, wallet.id));
      setText("");
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (secret.fits && COUNTS.has(words.length)) bring.mutate();
  };
  return (
    <section className="card setup">
      <h2>{t("wallet.import_title")}</h2>
      <p className="quiet">{t("wallet.import_text")}</p>
      <form className="form" onSubmit={submit} autoComplete="off">
        <div className="field">
          <label htmlFor={id}>{t("wallet.import_words")}</label>
          <textarea
            id={id}
            rows={4}
            value={text}
            required
            translate="no"
            autoCapitalize="none"
            autoCorrect="off"
            autoComplete="off"
            spellCheck={false}
            aria-invalid={wrong ? true : undefined}
            aria-describedby={`${id}-note`}
            onChange={(event) => setText(event.target.value)}
          />
          <p id={`${id}-note`} className={wrong ? "small bad" : "small quiet"}>
            {t(wrong ? "wallet.import_count_wrong" : "wallet.import_count", { count: words.length })}
          </p>
        </div>
        <details>
          <summary>{t("wallet.import_extra")}</summary>
          <Field
            label={t("wallet.import_extra")}
            hint={t("wallet.import_extra_hint")}
            type="password"
            value={extra}
            autoComplete="off"
            onChange={(event) => setExtra(event.target.value)}
          />
        </details>
        <FirstPassphrase secret={secret} />
        <ProblemNotice error={bring.error} />
        <button className="button button-large" disabled={bring.isPending}>
          {bring.isPending ? t("common.working") : t("wallet.import")}
        </button>
      </form>
    </section>
  );
}
