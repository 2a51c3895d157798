import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { accountsQuery, chainsQuery, meQuery, walletsQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { Backup } from "./Backup";
import { FirstPassphrase, useFirstPassphrase } from "./FirstPassphrase";
import { anyWalletsQuery } from "./queries";
import { SetupSteps } from "./SetupSteps";

interface Props {
  /** The person has finished, or put the backup off. */
  onDone: () => void;
  onBegun?: () => void;
  /** One more beside those there are. */
  another?: boolean;
}

/** First passphrase, wallet, accounts, backup. */
export function WalletSetup({ onDone, onBegun, another = false }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const secret = useFirstPassphrase();
  const [made, setMade] = useState<Wallet | null>(null);

  const make = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      onBegun?.();
      await secret.set();
      // An attempt that broke off may have made the wallet already.
      const known = another ? made : (await client.fetchQuery({ ...walletsQuery, staleTime: 0 }))[0];
      const wallet = await withUnlock(async () => known ?? (await post<Wallet>("/wallets", { label: t("wallet.label") })));
      setMade(wallet);
      if (wallet) await withUnlock(() => openAccounts(client, wallet.id));
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      return wallet;
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (secret.fits) make.mutate();
  };

  if (make.data) {
    return <Backup wallet={make.data} passphrase={secret.passphrase} onDone={onDone} onLater={onDone} />;
  }
  if (make.isPending) return <Loading text={t("wallet.open_accounts")} />;
  return (
    <section className="card setup">
      <SetupSteps at={0} />
      <h2>{t("wallet.none_title")}</h2>
      <p className="quiet">{t("wallet.none_text")}</p>
      <form className="form" onSubmit={submit}>
        <FirstPassphrase secret={secret} />
        <ProblemNotice error={make.error} />
        <button className="button button-large">{t("wallet.create")}</button>
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
  await client.invalidateQueries({ queryKey: anyWalletsQuery.queryKey });
}
