import { useMutation, useQueryClient } from "@tanstack/react-query";

import { context, get, post } from "../api/client";
import { chainsQuery, meQuery } from "../api/queries";
import type { Me, Page, Wallet } from "../api/types";
import { useWords } from "../i18n/language";
import { deviceName } from "./deviceName";
import { askOutside, type OutsideWallet } from "./outside";
import { OutsideButtons } from "./OutsideButtons";
import { signedBy, watchOutside } from "./watchOutside";

/** Signs in by the signature of a wallet elsewhere; one that nobody has linked begins an account of its own. */
export function WalletSignIn() {
  const { t } = useWords();
  const client = useQueryClient();
  const sign = useMutation({
    mutationFn: async (wallet: OutsideWallet) => {
      const account = await askOutside(wallet);
      await post("/auth/wallet/login", { ...(await signedBy(account)), transport: "cookie", device: deviceName() });
      context.csrf = (await get<Me>("/auth/me")).csrf_token;
      if ((await get<Page<Wallet>>("/wallets")).items.length > 0) return;
      // Who begins here sees what the account holds. Signing in does not hang on it: it can be connected later.
      const chains = await client.ensureQueryData(chainsQuery).catch(() => []);
      await watchOutside(account, chains, t("connect.watched_wallet")).catch(() => undefined);
    },
    onSettled: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
  return (
    <>
      <OutsideButtons
        words={(wallet) => t("sign_in.by_wallet", { wallet })}
        asking={sign.isPending ? sign.variables : null}
        error={sign.error}
        onChoose={sign.mutate}
      />
      <p className="quiet small">{t("sign_in.by_wallet_text")}</p>
    </>
  );
}
