import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { post, remove } from "../api/client";
import { chainsQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { addressOf, shortId, useChainNames } from "../chains";
import { askOutside, type OutsideWallet } from "../session/outside";
import { OutsideButtons } from "../session/OutsideButtons";
import { familyOf, signedBy, watchOutside } from "../session/watchOutside";
import { anyWalletsQuery, linkedQuery, watchedQuery } from "./queries";
import type { LinkedWallet } from "./shapes";

/** Accounts of extensions: each signs a text once, signs its owner in from then on, and is watched. */
export function ConnectWallets({ onDone }: { onDone?: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { name } = useChainNames();
  const { data: linked, error, refetch } = useQuery(linkedQuery);
  const link = useMutation({
    mutationFn: async (wallet: OutsideWallet) => {
      const account = await askOutside(wallet);
      const before = (await client.fetchQuery(linkedQuery)).find((each) => isOf(each, account.address));
      const known = before ?? (await post<LinkedWallet>("/auth/wallet/link", await signedBy(account)));
      const chains = await client.ensureQueryData(chainsQuery);
      await watchOutside(account, chains, t("connect.watched_wallet"));
      const family = chains.filter(({ chain }) => chain.startsWith(familyOf(account)));
      const isElsewhere = account.family === "Ethereum" && !family.some(({ chain }) => chain === `eip155:${account.chainId}`);
      return { known, elsewhere: isElsewhere ? { wallet: wallet.name, chains: family.map(({ chain }) => chain) } : null };
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
  return (
    <>
      <section className="card setup" aria-labelledby="connect">
        <h2 id="connect">{t("connect.title")}</h2>
        <p className="quiet">{t("connect.text")}</p>
        <OutsideButtons
          words={(wallet) => t("connect.connect", { wallet })}
          asking={link.isPending ? link.variables : null}
          error={link.error}
          onChoose={link.mutate}
        />
        {link.data && (
          <p className="good" role="status">
            {t("connect.linked", { account: shortId(addressOf(link.data.known.account)) })}
          </p>
        )}
        {link.data?.elsewhere && (
          <p className="notice" role="status">
            {t("connect.other_chain", {
              wallet: link.data.elsewhere.wallet,
              chains: link.data.elsewhere.chains.map(name).join(" / "),
            })}
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

/** EVM addresses differ in their letters' case only by the checksum. */
function isOf(linked: LinkedWallet, address: string): boolean {
  return addressOf(linked.account).toLowerCase() === address.toLowerCase();
}
