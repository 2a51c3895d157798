import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { walletsQuery } from "../../api/queries";
import { useChainNames } from "../../chains";
import { openAccounts } from "../../holder/WalletSetup";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useUnlock } from "../../session/unlock";

/** The person has a wallet, but no account on a chain of this campaign. */
export function OpenAccount({ chains }: { chains: readonly string[] }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const wallet = useQuery(walletsQuery).data?.[0];
  const open = useMutation({ mutationFn: (id: string) => withUnlock(() => openAccounts(client, id)) });
  return (
    <div className="notice notice-warn">
      <p>{t("claimpage.account_first", { chain: chains.map(name).join(" / ") })}</p>
      <ProblemNotice error={open.error} />
      {wallet && (
        <button type="button" className="button" disabled={open.isPending} onClick={() => open.mutate(wallet.id)}>
          {t("claimpage.account_open")}
        </button>
      )}
    </div>
  );
}
