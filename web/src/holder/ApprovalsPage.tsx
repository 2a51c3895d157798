import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { accountsQuery } from "../api/queries";
import { addressOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import { Empty } from "./Empty";
import { FirstWallet } from "./FirstWallet";
import { Needs } from "./Needs";
import { tokenApprovalsQuery, waitingQuery } from "./queries";
import { Revoke } from "./Revoke";
import { SayWord } from "./SayWord";
import { Screen } from "./Screen";
import { Select } from "./Select";
import type { TokenApproval, WaitingPayment } from "./shapes";

/** Who may take tokens, with a way to end it; and payments that wait for a word. */
export default function ApprovalsPage() {
  const { t } = useWords();
  const { name } = useChainNames();
  const { data: accounts, error, refetch } = useQuery(accountsQuery);
  const [chosen, setChosen] = useState("");
  const account = accounts?.find((each) => each.account === chosen) ?? accounts?.[0];
  return (
    <Screen title={t("approvals.title")} back="/holder/more">
      <Waiting />
      <p className="quiet">{t("approvals.text")}</p>
      {error && !accounts ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : accounts === undefined ? (
        <Loading />
      ) : account === undefined ? (
        <Empty act={<FirstWallet />}>{t("receive.none")}</Empty>
      ) : (
        <>
          <Select label={t("approvals.account")} value={account.account} onChange={(event) => setChosen(event.target.value)}>
            {accounts.map((each) => (
              <option key={each.id} value={each.account}>
                {name(each.chain)} · {shortId(each.address)}
              </option>
            ))}
          </Select>
          <Given key={account.account} account={account.account} />
        </>
      )}
    </Screen>
  );
}

function Waiting() {
  const { t } = useWords();
  const waiting = useQuery(waitingQuery).data ?? [];
  if (waiting.length === 0) return null;
  return (
    <section className="group" aria-labelledby="waiting">
      <h2 id="waiting">{t("approvals.waiting")}</h2>
      <ul className="plain">
        {waiting.map((each) => (
          <li key={each.payment_id} className="card">
            <Needs waiting={each} />
            <WaitingActs waiting={each} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The payer goes on where the payment stands; who is asked agrees or refuses here. */
function WaitingActs({ waiting }: { waiting: WaitingPayment }) {
  const { t } = useWords();
  const me = useMe();
  if (waiting.owner !== me.person.id) {
    return <SayWord waiting={waiting} yes={t("approve.yes")} no={t("approve.no")} onSaid={() => undefined} />;
  }
  if (waiting.act === "transfer") return <Link to={`/holder/transfers/${waiting.payment_id}`}>{t("activity.open_payment")}</Link>;
  const order = waiting.subject?.order;
  return order ? <Link to={`/pay/${order}`}>{t("activity.open_payment")}</Link> : null;
}

function Given({ account }: { account: string }) {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(tokenApprovalsQuery(account));
  if (error && !data) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <>
      {data.items.length === 0 && data.complete && <Empty>{t("approvals.none")}</Empty>}
      {!data.complete && <Loading text={t("approvals.incomplete")} />}
      <ul className="plain">
        {data.items.map((approval) => (
          <li key={`${approval.kind} ${approval.token} ${approval.spender}`} className="card">
            <ApprovalCard account={account} approval={approval} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ApprovalCard({ account, approval }: { account: string; approval: TokenApproval }) {
  const { t, maybe, date } = useWords();
  const { chains } = useChainNames();
  const token = approval.token;
  const known = chains
    .flatMap((chain) => chain.assets)
    .find((asset) => token !== null && asset.asset.toLowerCase().endsWith(`:${addressOf(token).toLowerCase()}`));
  const units = approval.base_units;
  const most =
    approval.unlimited || units === null ? t("approvals.unlimited") : decimalText(BigInt(units), known?.decimals ?? 0);
  return (
    <>
      <div className="row-between">
        <strong>
          {known?.symbol ?? (token ? shortId(addressOf(token)) : t("approvals.account"))}{" · "}
          {maybe(`approvals.kind_${approval.kind}`, approval.kind)}
        </strong>
        {approval.unlimited && <span className="chip chip-bad">{t("approvals.unlimited")}</span>}
      </div>
      <Facts
        rows={[
          [t("approvals.who"), <CopyText key="w" text={addressOf(approval.spender)} label={t("approvals.who")} />],
          [t("approvals.token"), token && <CopyText key="t" text={addressOf(token)} label={t("approvals.token")} />],
          [t("approvals.amount"), known && !approval.unlimited ? `${most} ${known.symbol}` : most],
          [t("approvals.until"), approval.until && date(approval.until * 1000)],
        ]}
      />
      <Revoke account={account} approval={approval} />
    </>
  );
}
