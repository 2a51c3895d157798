import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { post } from "../api/client";
import { portfolioQuery } from "../api/queries";
import { addressOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Steps } from "../parts/Steps";
import { useUnlock } from "../session/unlock";
import { Denied, failureDenies } from "./DeniedNotice";
import { forgetWish } from "./keptWishes";
import { contactsQuery, isOver, transferQuery } from "./queries";
import { Screen } from "./Screen";
import type { Case, Transfer } from "./shapes";
import { useSignAgain } from "./signAgain";
import { WaitingWord } from "./WaitingWord";

/** One transfer from the signature to the end. */
export default function TransferPage() {
  const { t } = useWords();
  const { transferId = "" } = useParams();
  const client = useQueryClient();
  const { data: transfer, error, refetch } = useQuery(transferQuery(transferId));
  const over = transfer !== undefined && isOver(transfer.status);
  useEffect(() => {
    if (!over) return;
    forgetWish(transferId);
    void client.invalidateQueries({ queryKey: portfolioQuery.queryKey });
    void client.invalidateQueries({ queryKey: ["activity"] });
  }, [client, over, transferId]);
  return (
    <Screen title={t("transfer.title")} back="/holder">
      {error && !transfer ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : transfer === undefined ? (
        <Loading />
      ) : (
        <Stages key={transfer.id} transfer={transfer} />
      )}
    </Screen>
  );
}

function Stages({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const known = useQuery(contactsQuery).data?.find((contact) => contact.account === transfer.recipient);
  const who = known?.name ?? shortId(addressOf(transfer.recipient));
  return (
    <>
      <section className="card transfer" aria-live="polite">
        {transfer.status === "done" && (
          <span className="done-mark" aria-hidden="true">
            ✓
          </span>
        )}
        <p className="total-figure">{chainAmountText(transfer.amount)}</p>
        <p className="quiet">{t("transfer.to", { who })}</p>
        <Stage transfer={transfer} />
      </section>
      <section className="card">
        <Facts
          rows={[
            [t("preview.to"), <CopyText key="to" text={addressOf(transfer.recipient)} label={t("preview.to")} />],
            [t("send.from"), <CopyText key="from" text={addressOf(transfer.sender)} label={t("send.from")} />],
            [t("common.chain"), name(transfer.chain)],
            [
              t("common.transaction"),
              transfer.tx_hash && <CopyText key="tx" text={transfer.tx_hash} label={t("common.transaction")} />,
            ],
            [t("common.block"), transfer.height],
            [t("transfer.fee_paid"), transfer.fee_paid && chainAmountText(transfer.fee_paid)],
            [t("transfer.fee_limit"), transfer.fee_paid ? null : transfer.fee_limit && chainAmountText(transfer.fee_limit)],
            [t("transfer.attempts"), transfer.attempts > 1 ? transfer.attempts : null],
            [t("activity.support"), <CopyText key="id" text={transfer.support_reference} label={t("activity.support")} />],
          ]}
        />
        {transfer.retry_of && <p className="quiet small">{t("transfer.retried")}</p>}
      </section>
      {transfer.status === "done" && !known && <KeepContact transfer={transfer} />}
      {isOver(transfer.status) && (
        <Link to="/holder/send" className="button button-quiet">
          {t("transfer.another")}
        </Link>
      )}
    </>
  );
}

function Stage({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  switch (transfer.status) {
    case "done":
      return (
        <p className="good" role="status">
          {t("transfer.done")}
        </p>
      );
    case "cancelled":
      return <p className="notice">{t("transfer.cancelled")}</p>;
    case "failed":
      return <Failed transfer={transfer} />;
    case "awaiting_approval":
      return <WaitingWord transfer={transfer} />;
    default:
      return transfer.tx_hash === null && transfer.needs_holder ? <SignNow transfer={transfer} /> : <Moving transfer={transfer} />;
  }
}

/** How many of the four steps are behind it. */
function stepsDone(transfer: Transfer): number {
  if (transfer.finality === "finalized") return 4;
  if (transfer.height !== null) return 3;
  return transfer.attempt === "sent" ? 2 : transfer.tx_hash === null ? 0 : 1;
}

function Moving({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const replace = useMutation({
    mutationFn: (how: "speed-up" | "cancel") =>
      withUnlock(() => post<Transfer>(`/transfers/${transfer.id}/${how}`, how === "speed-up" ? { speed: "fast" } : undefined)),
    onSettled: () => client.invalidateQueries({ queryKey: transferQuery(transfer.id).queryKey }),
  });
  // Only EVM chains let a dearer transaction take a waiting one's place.
  const replaceable = transfer.chain.startsWith("eip155:") && transfer.tx_hash !== null && transfer.height === null;
  return (
    <>
      <Steps
        names={[t("transfer.step_signed"), t("transfer.step_sent"), t("transfer.step_included"), t("transfer.step_final")]}
        done={stepsDone(transfer)}
      />
      {transfer.cancelling && <p className="notice notice-warn">{t("transfer.cancelling")}</p>}
      {transfer.fee_blocked && <p className="notice notice-warn">{t("transfer.fee_blocked")}</p>}
      {replaceable && (
        <div className="row replace">
          <button
            type="button"
            className="button button-quiet"
            disabled={replace.isPending}
            onClick={() => replace.mutate("speed-up")}
          >
            {t("transfer.speed_up")}
          </button>
          {!transfer.cancelling && (
            <button
              type="button"
              className="button button-quiet"
              disabled={replace.isPending}
              onClick={() => replace.mutate("cancel")}
            >
              {t("transfer.cancel")}
            </button>
          )}
          <p className="quiet small">{t("transfer.speed_up_text")}</p>
        </div>
      )}
      <ProblemNotice error={replace.error} />
      <p className="quiet small">{t("transfer.keep")}</p>
    </>
  );
}

/** Signed again by the request that began it; a transfer begun on another device is signed there. */
function SignNow({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const sign = useSignAgain(transfer);
  return (
    <>
      <p>{t("transfer.waits")}</p>
      <ProblemNotice error={sign.error} />
      {sign.known ? (
        <button type="button" className="button" disabled={sign.isPending} onClick={() => sign.mutate()}>
          {t("approve.go")}
        </button>
      ) : (
        <p className="quiet small">{t("approve.elsewhere")}</p>
      )}
    </>
  );
}

function Failed({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const withUnlock = useUnlock();
  const retry = useMutation({
    mutationFn: () => withUnlock(() => post<Transfer>(`/transfers/${transfer.id}/retry`, undefined, { act: "retry" })),
    onSuccess: (next) => {
      if (next) void navigate(`/holder/transfers/${next.id}`);
    },
  });
  const reason = transfer.failure?.message ?? "";
  return (
    <>
      {failureDenies(transfer.failure) ? (
        <Denied denial={transfer.failure} />
      ) : (
        <div className="notice notice-bad" role="alert">
          <strong>{t("transfer.failed", { reason })}</strong>
          <p>{t("transfer.failed_safe")}</p>
        </div>
      )}
      <ProblemNotice error={retry.error} />
      <button type="button" className="button" disabled={retry.isPending} onClick={() => retry.mutate()}>
        {t("transfer.retry")}
      </button>
      <p className="quiet small">{t("transfer.retry_text")}</p>
      <Help transfer={transfer} />
    </>
  );
}

/** A case about this payment; its reference is what people tell on the telephone. */
function Help({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const ask = useMutation({
    mutationFn: () =>
      post<Case>("/cases", {
        title: t("transfer.help_title"),
        text: t("transfer.help_text", { id: transfer.id, reason: transfer.failure?.message ?? "" }),
        about: "payment",
        subject: transfer.id,
      }),
  });
  if (ask.data) {
    return (
      <p className="good" role="status">
        {t("transfer.reference", { reference: ask.data.reference })}
      </p>
    );
  }
  return (
    <>
      <ProblemNotice error={ask.error} />
      <button type="button" className="button button-plain" disabled={ask.isPending} onClick={() => ask.mutate()}>
        {t("transfer.help")}
      </button>
    </>
  );
}

function KeepContact({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const keep = useMutation({
    mutationFn: () => post("/address-book", { name, account: transfer.recipient }),
    onSuccess: () => client.invalidateQueries({ queryKey: contactsQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <form className="card form" onSubmit={submit}>
      <div className="row row-end">
        <Field
          label={t("contacts.name")}
          value={name}
          required
          maxLength={80}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <button className="button button-quiet" disabled={keep.isPending}>
          {t("transfer.save")}
        </button>
      </div>
      <ProblemNotice error={keep.error} />
    </form>
  );
}
