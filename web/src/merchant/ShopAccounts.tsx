import { useMutation } from "@tanstack/react-query";

import type { ChainAmount, Organisation } from "../api/types";
import { addressOf, useChainNames } from "../chains";
import { askFaucet, testMoney } from "../holder/faucet";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";

const GIFT = 1000n;

type ShopAccount = Organisation["accounts"][number];

/** The treasuries, with the faucet where the chain has one. */
export function ShopAccounts({ organisation }: { organisation: Organisation }) {
  const { t } = useWords();
  const treasuries = organisation.accounts.filter((account) => account.purpose === "treasury");
  return (
    <section className="card" aria-labelledby="shop-accounts">
      <h2 id="shop-accounts">{t("merchant.accounts")}</h2>
      {treasuries.length === 0 ? (
        <Loading text={t("merchant.making_accounts")} />
      ) : (
        <ul className="plain">
          {treasuries.map((account) => (
            <li key={account.account}>
              <Treasury account={account} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Treasury({ account }: { account: ShopAccount }) {
  const { t } = useWords();
  const { chains, name } = useChainNames();
  const gift = testMoney(
    chains.find((chain) => chain.chain === account.chain),
    GIFT,
  );
  const ask = useMutation({ mutationFn: (amount: ChainAmount) => askFaucet(account.chain, account.account, amount) });
  return (
    <div className="account">
      <div>
        <strong>
          {t("merchant.treasury")} · {name(account.chain)}
        </strong>
        <CopyText text={addressOf(account.account)} label={t("merchant.treasury")} />
      </div>
      {gift && (
        <button type="button" className="button button-quiet" disabled={ask.isPending} onClick={() => ask.mutate(gift)}>
          {ask.isPending ? t("common.working") : t("merchant.faucet", { amount: chainAmountText(gift) })}
        </button>
      )}
      {ask.isSuccess && gift && (
        <p className="good small" role="status">
          {t("merchant.faucet_done", { amount: chainAmountText(gift), chain: name(account.chain) })}
        </p>
      )}
      <ProblemNotice error={ask.error} />
    </div>
  );
}
