import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useSearchParams } from "react-router";

import { post } from "../api/client";
import { accountsQuery } from "../api/queries";
import type { Account } from "../api/types";
import { chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import { Faucet } from "./Accounts";
import { parseUnits } from "./amount";
import { Choice } from "./Choice";
import { Empty } from "./Empty";
import { FirstWallet } from "./FirstWallet";
import { Screen } from "./Screen";
import { Select } from "./Select";
import type { PaymentCode } from "./shapes";

/** An address to give away, or a code that asks for an amount. */
export default function ReceivePage() {
  const { t } = useWords();
  const { name } = useChainNames();
  const [query] = useSearchParams();
  const { data: accounts, error, refetch } = useQuery(accountsQuery);
  const asked = query.get("account") ?? "";
  const [chosen, setChosen] = useState(asked);
  const account = accounts?.find((each) => each.account === chosen) ?? accounts?.[0];
  if (accounts === undefined || account === undefined) {
    return (
      <Screen title={t("receive.title")} back="/holder">
        {error ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : accounts === undefined ? (
          <Loading />
        ) : (
          <Empty act={<FirstWallet />}>{t("receive.none")}</Empty>
        )}
      </Screen>
    );
  }
  const chains = [...new Set(accounts.map((each) => each.chain))];
  const siblings = accounts.filter((each) => each.chain === account.chain);
  return (
    <Screen title={t("receive.title")} back="/holder">
      {chains.length > 1 && (
        <Choice
          label={t("receive.chain")}
          value={account.chain}
          options={chains.map((chain) => [chain, name(chain)] as const)}
          onChange={(chain) => setChosen(accounts.find((each) => each.chain === chain)?.account ?? "")}
        />
      )}
      {siblings.length > 1 && (
        <Select label={t("receive.account")} value={account.account} onChange={(event) => setChosen(event.target.value)}>
          {siblings.map((each) => (
            <option key={each.id} value={each.account}>
              {each.label} · {each.address.slice(0, 8)}…{each.address.slice(-6)}
            </option>
          ))}
        </Select>
      )}
      <Code key={account.account} account={account} asset={chosen === asked ? (query.get("asset") ?? "") : ""} />
    </Screen>
  );
}

function Code({ account, asset }: { account: Account; asset: string }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const [code, setCode] = useState<PaymentCode | null>(null);
  const chain = name(account.chain);
  const text = code?.link ?? account.address;
  const share = useMutation({
    mutationFn: () =>
      navigator.share({ text }).catch((error: unknown) => {
        // Closing the device's sheet is no failure.
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      }),
  });
  return (
    <>
      <section className="card code" aria-label={code ? t("receive.code") : t("receive.address", { chain })}>
        {code?.amount && <p className="code-asks">{t("receive.asks", { amount: chainAmountText(code.amount) })}</p>}
        <QrCode text={text} label={code ? t("receive.code") : t("receive.qr")} />
        <p className="quiet small">{code ? t("receive.link") : t("receive.address", { chain })}</p>
        <CopyText text={text} label={code ? t("receive.link") : t("common.account")} whole />
        <p className="quiet small">{t("receive.only", { chain })}</p>
        <div className="row">
          {typeof navigator.share === "function" && (
            <button type="button" className="button button-quiet" onClick={() => share.mutate()}>
              {t("receive.share")}
            </button>
          )}
          {code && (
            <button type="button" className="button button-quiet" onClick={() => setCode(null)}>
              {t("receive.plain")}
            </button>
          )}
        </div>
        {share.isError && (
          <p className="bad small" role="alert">
            {t("share.refused")}
          </p>
        )}
      </section>
      <details className="card" open={asset !== ""}>
        <summary>{t("receive.request")}</summary>
        <RequestForm account={account} asset={asset} onMade={setCode} />
      </details>
      <section className="card test-money" aria-label={t("receive.test")}>
        <p className="quiet small">{t("receive.test")}</p>
        <Faucet account={account} coins />
      </section>
    </>
  );
}

interface RequestProps {
  account: Account;
  asset: string;
  onMade: (code: PaymentCode) => void;
}

function RequestForm({ account, asset, onMade }: RequestProps) {
  const { t } = useWords();
  const { chains } = useChainNames();
  const assets = chains.find((chain) => chain.chain === account.chain)?.assets ?? [];
  const [chosen, setChosen] = useState(asset);
  const [amount, setAmount] = useState("");
  const [label, setLabel] = useState("");
  const [message, setMessage] = useState("");
  const wanted = assets.find((each) => each.asset === chosen) ?? assets[0];
  const units = wanted && amount !== "" ? parseUnits(amount, wanted.decimals) : null;
  const bad = amount !== "" && units === null;
  const make = useMutation({
    mutationFn: () =>
      post<PaymentCode>("/payment-requests", {
        account: account.account,
        asset: wanted?.asset,
        base_units: units?.toString() ?? null,
        label: label || null,
        message: message || null,
      }),
    onSuccess: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!bad && wanted) make.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="pair">
        <Select label={t("receive.asset")} value={wanted?.asset} onChange={(event) => setChosen(event.target.value)}>
          {assets.map((each) => (
            <option key={each.asset} value={each.asset}>
              {each.symbol}
            </option>
          ))}
        </Select>
        <Field
          label={t("receive.amount")}
          hint={t("receive.amount_hint")}
          inputMode="decimal"
          autoComplete="off"
          value={amount}
          error={bad ? t("send.amount_bad") : null}
          onChange={(event) => setAmount(event.target.value)}
        />
      </div>
      {chainOf(account.account).startsWith("solana:") && (
        <div className="pair">
          <Field label={t("receive.label")} maxLength={80} value={label} onChange={(event) => setLabel(event.target.value)} />
          <Field
            label={t("receive.message")}
            maxLength={120}
            value={message}
            onChange={(event) => setMessage(event.target.value)}
          />
        </div>
      )}
      <ProblemNotice error={make.error} />
      <button className="button" disabled={make.isPending}>
        {t("receive.make")}
      </button>
    </form>
  );
}
