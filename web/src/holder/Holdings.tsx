import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { accountsQuery, portfolioQuery } from "../api/queries";
import type { Account, ChainAmount, Portfolio } from "../api/types";
import { TEST_MONEY, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { rememberAccounts } from "../seenAccounts";
import { useMe } from "../session/session";
import { askFaucet, testMoney } from "./faucet";

const GIFT = 500n;

/** Sums of the configured tokens by symbol over all chains. No rates: different symbols are never added. */
function totals(portfolio: Portfolio): readonly ChainAmount[] {
  const sums = new Map<string, ChainAmount>();
  for (const { amount } of portfolio.items) {
    const name = `${amount.symbol} ${amount.decimals}`;
    const before = BigInt(sums.get(name)?.base_units ?? "0");
    sums.set(name, { ...amount, base_units: (before + BigInt(amount.base_units)).toString() });
  }
  const found = [...sums.values()].filter((amount) => amount.base_units !== "0");
  return found.sort((one, other) => Number(other.symbol === TEST_MONEY) - Number(one.symbol === TEST_MONEY));
}

export function Holdings() {
  const { t } = useWords();
  const { name } = useChainNames();
  const { data: portfolio, error, refetch } = useQuery(portfolioQuery);
  if (error && !portfolio) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (portfolio === undefined) return <Loading />;
  const [first, ...others] = totals(portfolio);
  const held = portfolio.items.filter((item) => item.amount.base_units !== "0");
  return (
    <section className="card total" aria-label={t("holder.total")}>
      <h2 className="quiet small">{t("holder.total")}</h2>
      <p className="total-figure">
        {first ? (
          <>
            <span data-testid="total">{decimalText(BigInt(first.base_units), first.decimals, 2)}</span> <small>{first.symbol}</small>
          </>
        ) : (
          t("holder.nothing")
        )}
      </p>
      {others.map((amount) => (
        <p key={amount.symbol + amount.decimals}>{chainAmountText(amount)}</p>
      ))}
      <p className="quiet small">{t("holder.test_money")}</p>
      {portfolio.unavailable.map((chain) => (
        <p key={chain} className="bad small">
          {t("chain.down", { chain: name(chain) })}
        </p>
      ))}
      {held.length > 0 && (
        <details className="small">
          <summary>{t("holder.by_asset")}</summary>
          <ul className="plain">
            {held.map((item) => (
              <li key={item.account + item.amount.asset} className="row-between">
                <span>{name(item.account.slice(0, item.account.lastIndexOf(":")))}</span>
                <span className="figures">{chainAmountText(item.amount)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

export function Accounts() {
  const { t } = useWords();
  const me = useMe();
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
          <li key={account.id}>
            <AccountRow account={account} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function AccountRow({ account }: { account: Account }) {
  const { t } = useWords();
  const { chains, name } = useChainNames();
  const client = useQueryClient();
  const gift = testMoney(
    chains.find((chain) => chain.chain === account.chain),
    GIFT,
  );
  const ask = useMutation({
    mutationFn: (amount: ChainAmount) => askFaucet(account.chain, account.account, amount),
    onSuccess: () => client.invalidateQueries({ queryKey: portfolioQuery.queryKey }),
  });
  return (
    <div className="account">
      <div>
        <strong>{name(account.chain)}</strong>
        <CopyText text={account.address} label={t("common.account")} />
      </div>
      {gift && (
        <button type="button" className="button button-quiet" disabled={ask.isPending} onClick={() => ask.mutate(gift)}>
          {ask.isPending ? t("common.working") : t("holder.get_test_money", { amount: chainAmountText(gift) })}
        </button>
      )}
      {ask.isSuccess && gift && (
        <p className="good small" role="status">
          {t("holder.got_test_money", { amount: chainAmountText(gift) })}
        </p>
      )}
      <ProblemNotice error={ask.error} />
    </div>
  );
}
