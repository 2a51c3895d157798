import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { accountsQuery, portfolioQuery } from "../api/queries";
import type { Account, ChainAmount } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { CopyText } from "../parts/CopyText";
import { ProblemNotice } from "../parts/ProblemNotice";
import { rememberAccounts } from "../seenAccounts";
import { useMe } from "../session/session";
import { askFaucet, testCoin, testMoney } from "./faucet";

const GIFT = 500n;

export function Accounts() {
  const { t } = useWords();
  const me = useMe();
  const { name } = useChainNames();
  const accounts = useQuery(accountsQuery).data;
  useEffect(() => {
    if (accounts) rememberAccounts(accounts.map((found) => ({ account: found.account, owner: me.person.display_name })));
  }, [accounts, me]);
  if (!accounts || accounts.length === 0) return null;
  return (
    <section className="card" aria-labelledby="accounts">
      <h2 id="accounts">{t("holder.accounts")}</h2>
      <p className="quiet small">{t("holder.account_use")}</p>
      <ul className="plain">
        {accounts.map((account) => (
          <li key={account.id} className="account">
            <div>
              <strong>{name(account.chain)}</strong>
              <CopyText text={account.address} label={t("common.account")} />
            </div>
            <Faucet account={account} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface FaucetProps {
  account: Account;
  /** Offer the chain's own coin too, which pays its fees. */
  coins?: boolean;
}

/** Test money for an account of a local chain; nothing elsewhere. */
export function Faucet({ account, coins = false }: FaucetProps) {
  const { t } = useWords();
  const { chains } = useChainNames();
  const client = useQueryClient();
  const chain = chains.find((each) => each.chain === account.chain);
  const gifts = [testMoney(chain, GIFT), coins ? testCoin(chain, 1n) : null].filter((gift) => gift !== null);
  const ask = useMutation({
    mutationFn: (amount: ChainAmount) => askFaucet(account.chain, account.account, amount),
    onSuccess: () => client.invalidateQueries({ queryKey: portfolioQuery.queryKey }),
  });
  if (gifts.length === 0) return null;
  return (
    <>
      <div className="row">
        {gifts.map((gift) => (
          <button
            key={gift.asset}
            type="button"
            className="button button-quiet"
            disabled={ask.isPending}
            onClick={() => ask.mutate(gift)}
          >
            {ask.isPending && ask.variables === gift
              ? t("common.working")
              : t("holder.get_test_money", { amount: chainAmountText(gift) })}
          </button>
        ))}
      </div>
      {ask.isSuccess && (
        <p className="good small" role="status">
          {t("holder.got_test_money", { amount: chainAmountText(ask.variables) })}
        </p>
      )}
      <ProblemNotice error={ask.error} />
    </>
  );
}
