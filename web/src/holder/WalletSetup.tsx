import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { accountsQuery, chainsQuery, meQuery, walletsQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import { useUnlock } from "../session/unlock";
import { Backup } from "./Backup";

/** First passphrase, wallet, accounts, backup. `onDone`: the person has finished or put the backup off. */
export function WalletSetup({ onDone }: { onDone: () => void }) {
  const { t } = useWords();
  const me = useMe();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [passphrase, setPassphrase] = useState("");
  const [repeated, setRepeated] = useState("");
  const [firstTime] = useState(!me.passphrase_set);
  const differs = firstTime && repeated !== "" && repeated !== passphrase;

  const make = useMutation({
    mutationFn: async () => {
      if (firstTime && !me.passphrase_set) {
        await post("/auth/passphrase", { passphrase });
        await client.invalidateQueries({ queryKey: meQuery.queryKey });
      }
      if (passphrase) await post("/auth/unlock", { passphrase });
      // An attempt that broke off may have made the wallet already.
      const [known] = await client.fetchQuery({ ...walletsQuery, staleTime: 0 });
      const wallet = await withUnlock(async () => known ?? (await post<Wallet>("/wallets", { label: t("wallet.label") })));
      if (wallet) await withUnlock(() => openAccounts(client, wallet.id));
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      return wallet;
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!firstTime || repeated === passphrase) make.mutate();
  };

  if (make.data) return <Backup wallet={make.data} passphrase={passphrase} onDone={onDone} onLater={onDone} />;
  if (make.isPending) return <Loading text={t("wallet.open_accounts")} />;
  return (
    <section className="card setup">
      <h2>{t("wallet.none_title")}</h2>
      <p className="quiet">{t("wallet.none_text")}</p>
      <form className="form" onSubmit={submit}>
        {firstTime && (
          <>
            <p>{t("wallet.passphrase_text")}</p>
            <Field
              label={t("wallet.passphrase_new")}
              type="password"
              value={passphrase}
              required
              minLength={8}
              autoComplete="new-password"
              onChange={(event) => setPassphrase(event.target.value)}
            />
            <Field
              label={t("wallet.passphrase_repeat")}
              type="password"
              value={repeated}
              required
              autoComplete="new-password"
              error={differs ? t("wallet.passphrase_differs") : null}
              onChange={(event) => setRepeated(event.target.value)}
            />
          </>
        )}
        <ProblemNotice error={make.error} />
        <button className="button">{t("wallet.create")}</button>
      </form>
    </section>
  );
}

/** An account on every configured chain that has none of this wallet yet; the wallet is unlocked. */
export async function openAccounts(client: ReturnType<typeof useQueryClient>, wallet: string): Promise<void> {
  const chains = await client.ensureQueryData(chainsQuery);
  const known = await client.fetchQuery({ ...accountsQuery, staleTime: 0 });
  for (const { chain } of chains) {
    if (!known.some((account) => account.wallet_id === wallet && account.chain === chain)) {
      await post(`/wallets/${wallet}/accounts`, { chain });
    }
  }
  await client.invalidateQueries({ queryKey: accountsQuery.queryKey });
  await client.invalidateQueries({ queryKey: walletsQuery.queryKey });
}
