import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { accountsQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { checkUpQuery } from "../safety/queries";
import { LockState } from "../session/LockState";
import { useUnlock } from "../session/unlock";
import { VoucherList } from "../vouchers/VoucherList";
import { Accounts } from "./Accounts";
import { Backup } from "./Backup";
import { Happenings } from "./Happenings";
import { Onboarding } from "./Onboarding";
import { anyWalletsQuery } from "./queries";
import { Total } from "./Total";
import { openAccounts } from "./WalletSetup";

const NEWEST = 4;

export function HomePage() {
  const { t } = useWords();
  const { data: every, error, refetch } = useQuery(anyWalletsQuery);
  const wallets = every?.filter((wallet) => wallet.kind === "mnemonic");
  // Setting up ends when the person says so: the wallet exists before its words are written down.
  const [settingUp, setSettingUp] = useState(false);
  const [backingUp, setBackingUp] = useState(false);

  if (error) {
    return (
      <main className="page page-narrow">
        <ProblemNotice error={error} again={() => void refetch()} />
      </main>
    );
  }
  if (wallets === undefined || every === undefined) {
    return (
      <main className="page">
        <Loading />
      </main>
    );
  }
  if (every.length === 0 && !settingUp) setSettingUp(true);
  const unsaved = wallets.find((wallet) => !wallet.backup_confirmed);
  if (settingUp || (backingUp && unsaved)) {
    return (
      <main className="page page-narrow">
        <h1>{t("holder.title")}</h1>
        {settingUp || !unsaved ? (
          <Onboarding onDone={() => setSettingUp(false)} />
        ) : (
          <Backup wallet={unsaved} onDone={() => setBackingUp(false)} onLater={() => setBackingUp(false)} />
        )}
      </main>
    );
  }
  return (
    <main className="page">
      <div className="row-between">
        <h1>{t("holder.title")}</h1>
        <LockState />
      </div>
      {unsaved && (
        <div className="notice notice-warn row-between">
          <span>{t("wallet.backup_missing")}</span>
          <button type="button" className="button button-quiet" onClick={() => setBackingUp(true)}>
            {t("wallet.backup_now")}
          </button>
        </div>
      )}
      {wallets[0] ? <MissingAccounts wallet={wallets[0]} /> : <NoWallet />}
      <div className="hub">
        <div className="column hub-money">
          <Total />
          {!unsaved && <Tip />}
        </div>
        <section className="column hub-vouchers" aria-labelledby="vouchers">
          <div className="row-between">
            <h2 id="vouchers">{t("voucher.title")}</h2>
            <Link to="/holder/vouchers" className="small">
              {t("holder.all_vouchers")}
            </Link>
          </div>
          <VoucherList />
        </section>
        <div className="column hub-rest">
          <section className="card" aria-labelledby="newest">
            <div className="row-between">
              <h2 id="newest">{t("holder.newest")}</h2>
              <Link to="/holder/activity" className="small">
                {t("holder.all_activity")}
              </Link>
            </div>
            <Happenings wish={{ search: "", kinds: [], limit: NEWEST }} few />
          </section>
          <Accounts />
        </div>
      </div>
    </main>
  );
}

/** The most urgent line of the check-up, in its own words. */
function Tip() {
  const { t, language } = useWords();
  const tip = useQuery(checkUpQuery(language)).data?.tip;
  if (!tip || tip.id === "backup") return null;
  return (
    <Link to="/safety" className="card tip">
      <span>
        <strong>{t("holder.tip")}</strong>
        <span className="quiet">
          {tip.says}
          {tip.mend && ` — ${tip.mend}`}
        </span>
      </span>
      <span className="small tip-go">{t("holder.tip_mend")}</span>
    </Link>
  );
}

/** For who came with an account elsewhere: what is signed here needs a wallet here. */
function NoWallet() {
  const { t } = useWords();
  return (
    <div className="notice row-between">
      <span>{t("wallet.only_elsewhere")}</span>
      <Link to="/holder/wallets/new" className="button button-quiet">
        {t("wallet.none_title")}
      </Link>
    </div>
  );
}

function MissingAccounts({ wallet }: { wallet: Wallet }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const { chains } = useChainNames();
  const accounts = useQuery(accountsQuery).data;
  const open = useMutation({ mutationFn: () => withUnlock(() => openAccounts(client, wallet.id)) });
  if (!accounts || chains.every(({ chain }) => accounts.some((account) => account.chain === chain))) return null;
  return (
    <div className="notice notice-warn">
      <div className="row-between">
        <span>{t("wallet.account_missing")}</span>
        <button type="button" className="button button-quiet" disabled={open.isPending} onClick={() => open.mutate()}>
          {t("wallet.account_open")}
        </button>
      </div>
      <ProblemNotice error={open.error} />
    </div>
  );
}
