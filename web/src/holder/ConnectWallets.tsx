import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post, remove } from "../api/client";
import { chainsQuery } from "../api/queries";
import type { Chain, Page } from "../api/types";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { addressOf, shortId } from "../chains";
import { askOutside, OutsideTrouble, type OutsideAccount, type OutsideWallet } from "./injected";
import { anyWalletsQuery, linkedQuery, watchedQuery } from "./queries";
import type { AnyWallet, LinkedWallet } from "./shapes";

const WALLETS: readonly OutsideWallet[] = ["MetaMask", "Phantom"];

/** Accounts of extensions: each signs a text once, signs its owner in from then on, and is watched. */
export function ConnectWallets({ onDone }: { onDone?: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data: linked, error, refetch } = useQuery(linkedQuery);
  const link = useMutation({
    mutationFn: async (wallet: OutsideWallet) => {
      const account = await askOutside(wallet);
      const ask = { family: account.family, address: account.address, chain_id: account.chainId, origin: location.origin };
      const { message } = await post<{ message: string }>("/auth/wallet/message", ask);
      const signature = await account.sign(message);
      const known = await post<LinkedWallet>("/auth/wallet/link", { message, signature });
      await watch(account, await client.ensureQueryData(chainsQuery), t("connect.watched_wallet"));
      return known;
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: linkedQuery.queryKey });
      await client.invalidateQueries({ queryKey: watchedQuery.queryKey });
      await client.invalidateQueries({ queryKey: anyWalletsQuery.queryKey });
      onDone?.();
    },
  });
  const unlink = useMutation({
    mutationFn: (known: LinkedWallet) => remove(`/auth/wallet/${known.id}`),
    onSettled: () => client.invalidateQueries({ queryKey: linkedQuery.queryKey }),
  });
  const told = useTrouble(link.error);
  return (
    <>
      <section className="card setup" aria-labelledby="connect">
        <h2 id="connect">{t("connect.title")}</h2>
        <p className="quiet">{t("connect.text")}</p>
        <div className="row">
          {WALLETS.map((wallet) => (
            <button
              key={wallet}
              type="button"
              className="button"
              disabled={link.isPending}
              onClick={() => link.mutate(wallet)}
            >
              {t("connect.connect", { wallet })}
            </button>
          ))}
        </div>
        {told ? (
          <p className="notice notice-warn" role="alert">
            {told}
          </p>
        ) : (
          <ProblemNotice error={link.error} />
        )}
        {link.data && (
          <p className="good" role="status">
            {t("connect.linked", { account: shortId(addressOf(link.data.account)) })}
          </p>
        )}
      </section>
      {!onDone && (
        <section className="card" aria-labelledby="linked">
          <h2 id="linked">{t("connect.list")}</h2>
          {error ? (
            <ProblemNotice error={error} again={() => void refetch()} />
          ) : linked === undefined ? (
            <Loading />
          ) : linked.length === 0 ? (
            <p className="quiet">{t("connect.none")}</p>
          ) : (
            <ul className="plain">
              {linked.map((known) => (
                <li key={known.id} className="row-between">
                  <CopyText text={addressOf(known.account)} label={t("common.account")} />
                  <button
                    type="button"
                    className="button button-quiet"
                    aria-label={t("connect.unlink_it", { account: shortId(addressOf(known.account)) })}
                    disabled={unlink.isPending}
                    onClick={() => unlink.mutate(known)}
                  >
                    {t("connect.unlink")}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <ProblemNotice error={unlink.error} />
        </section>
      )}
    </>
  );
}

/** What an extension's refusal means; null for everything else. */
function useTrouble(error: unknown): string | null {
  const { t } = useWords();
  if (!(error instanceof OutsideTrouble)) return null;
  return t(`connect.${error.why}`, { wallet: error.wallet, reason: error.reason });
}

/** Shows what the account holds on every chain of its family; its addresses that are watched already stay. */
async function watch(account: OutsideAccount, chains: readonly Chain[], label: string): Promise<void> {
  const wallets = (await get<Page<AnyWallet>>("/wallets")).items;
  const watching = wallets.find((wallet) => wallet.kind === "watch") ?? (await post<AnyWallet>("/wallets/watch", { label }));
  const known = (await get<Page<{ network: string; address: string }>>("/wallets/addresses")).items;
  const family = account.family === "Solana" ? "solana:" : "eip155:";
  for (const { chain } of chains.filter((each) => each.chain.startsWith(family))) {
    const isKnown = known.some(
      (each) => each.network === chain && each.address.toLowerCase() === account.address.toLowerCase(),
    );
    if (!isKnown) await post(`/wallets/${watching.id}/watched`, { network: chain, address: account.address });
  }
}
