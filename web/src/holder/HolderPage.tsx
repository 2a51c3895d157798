import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { accountsQuery, walletsQuery } from "../api/queries";
import type { Wallet } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { LockState } from "../session/LockState";
import { useUnlock } from "../session/unlock";
import { Backup } from "./Backup";
import { Accounts, Holdings } from "./Holdings";
import { VoucherList } from "../vouchers/VoucherList";
import { WalletSetup, openAccounts } from "./WalletSetup";

const ORDER_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function HolderPage() {
  const { t } = useWords();
  const { data: wallets, error, refetch } = useQuery(walletsQuery);
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
  if (wallets === undefined) {
    return (
      <main className="page">
        <Loading />
      </main>
    );
  }
  if (wallets.length === 0 && !settingUp) setSettingUp(true);
  const unsaved = wallets.find((wallet) => !wallet.backup_confirmed);
  if (settingUp || (backingUp && unsaved)) {
    return (
      <main className="page page-narrow">
        <h1>{t("holder.title")}</h1>
        {settingUp || !unsaved ? (
          <WalletSetup onDone={() => setSettingUp(false)} />
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
      {wallets[0] && <MissingAccounts wallet={wallets[0]} />}
      <div className="home">
        <div className="column home-money">
          <Holdings />
          <PayByLink />
        </div>
        <section className="column home-vouchers" aria-labelledby="vouchers">
          <h2 id="vouchers">{t("voucher.title")}</h2>
          <VoucherList />
        </section>
        <div className="column home-accounts">
          <Accounts />
        </div>
      </div>
    </main>
  );
}

function PayByLink() {
  const { t } = useWords();
  const navigate = useNavigate();
  const [link, setLink] = useState("");
  const [refused, setRefused] = useState(false);
  const open = (event: FormEvent) => {
    event.preventDefault();
    const order = ORDER_ID.exec(link.trim())?.[0];
    if (order) void navigate(`/pay/${order}`);
    else setRefused(true);
  };
  return (
    <form className="card form" onSubmit={open}>
      <h2>{t("holder.pay_title")}</h2>
      <div className="row row-end">
        <Field
          label={t("holder.pay_link")}
          value={link}
          required
          inputMode="url"
          autoComplete="off"
          error={refused ? t("holder.pay_bad_link") : null}
          onChange={(event) => {
            setLink(event.target.value);
            setRefused(false);
          }}
        />
        <button className="button">{t("holder.pay_open")}</button>
      </div>
    </form>
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
