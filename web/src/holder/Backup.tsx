import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { walletsQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { anyWalletsQuery } from "./queries";
import { SetupSteps } from "./SetupSteps";

interface Props {
  wallet: Wallet;
  passphrase?: string;
  onDone: () => void;
  onLater: () => void;
}

/** Show the words, then ask some back. The words live in this component's memory only. */
export function Backup({ wallet, passphrase = "", onDone, onLater }: Props) {
  const { t } = useWords();
  const [typed, setTyped] = useState(passphrase);
  const reveal = useMutation({
    gcTime: 0,
    mutationFn: () => post<{ mnemonic: string }>(`/wallets/${wallet.id}/backup/reveal`, { passphrase: typed }),
  });
  const challenge = useMutation({
    mutationFn: () => post<{ positions: number[] }>(`/wallets/${wallet.id}/backup/challenge`),
  });
  const words = reveal.data?.mnemonic.split(/\s+/u) ?? [];

  const seeWords = (event: FormEvent) => {
    event.preventDefault();
    reveal.mutate();
  };

  if (challenge.data) {
    return <WordCheck wallet={wallet} positions={challenge.data.positions} onDone={onDone} onAgain={challenge.reset} />;
  }
  return (
    <section className="card setup">
      <SetupSteps at={1} />
      <h2>{t("wallet.reveal_title")}</h2>
      <p>{t("wallet.reveal_text")}</p>
      {words.length === 0 ? (
        <form className="form" onSubmit={seeWords}>
          {passphrase === "" && (
            <Field
              label={t("unlock.passphrase")}
              hint={t("wallet.reveal_ask")}
              type="password"
              value={typed}
              required
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          <ProblemNotice error={reveal.error} />
          <div className="row">
            <button className="button" disabled={reveal.isPending}>
              {reveal.isPending ? t("common.working") : t("wallet.reveal")}
            </button>
            <button type="button" className="button button-quiet" onClick={onLater}>
              {t("wallet.later")}
            </button>
          </div>
        </form>
      ) : (
        <>
          <ol className="words" aria-label={t("wallet.words")} translate="no">
            {words.map((word, place) => (
              <li key={place}>{word}</li>
            ))}
          </ol>
          <ProblemNotice error={challenge.error} />
          <button type="button" className="button" disabled={challenge.isPending} onClick={() => challenge.mutate()}>
            {t("wallet.written")}
          </button>
        </>
      )}
    </section>
  );
}

interface CheckProps {
  wallet: Wallet;
  positions: readonly number[];
  onDone: () => void;
  onAgain: () => void;
}

function WordCheck({ wallet, positions, onDone, onAgain }: CheckProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [answers, setAnswers] = useState<Readonly<Record<number, string>>>({});
  const confirm = useMutation({
    mutationFn: () => {
      const words = Object.fromEntries(positions.map((place) => [place, (answers[place] ?? "").trim().toLowerCase()]));
      return withUnlock(() => post(`/wallets/${wallet.id}/backup/confirm`, { words }));
    },
    onSuccess: async (confirmed) => {
      if (confirmed === null) return;
      await client.invalidateQueries({ queryKey: anyWalletsQuery.queryKey });
      await client.invalidateQueries({ queryKey: walletsQuery.queryKey });
      await client.invalidateQueries({ queryKey: ["check-up"] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <section className="card setup">
      <SetupSteps at={2} />
      <h2>{t("wallet.confirm_title")}</h2>
      <p className="quiet">{t("wallet.confirm_text")}</p>
      <form className="form" onSubmit={submit} autoComplete="off">
        {positions.map((position, place) => (
          <Field
            key={position}
            label={t("wallet.word", { position })}
            value={answers[position] ?? ""}
            required
            autoFocus={place === 0}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            onChange={(event) => setAnswers({ ...answers, [position]: event.target.value })}
          />
        ))}
        <ProblemNotice error={confirm.error} />
        <div className="row">
          <button className="button" disabled={confirm.isPending}>
            {t("wallet.confirm")}
          </button>
          <button type="button" className="button button-quiet" onClick={onAgain}>
            {t("wallet.see_again")}
          </button>
        </div>
      </form>
    </section>
  );
}
