import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { OneTimeCode } from "../safety/SecondFactor";
import { transferQuery, waitingQuery } from "./queries";
import type { Transfer, WaitingPayment } from "./shapes";
import { useSignAgain } from "./signAgain";

/** A payment that the owner's rules hold until somebody says yes. */
export function WaitingWord({ transfer }: { transfer: Transfer }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(waitingQuery);
  const [code, setCode] = useState("");
  const sign = useSignAgain(transfer);
  const waiting = data?.find((each) => each.payment_id === transfer.id);
  const say = useMutation({
    mutationFn: (decision: "approve" | "refuse") =>
      post(`/transfers/${transfer.id}/approve`, {
        payload_hash: waiting?.payload_hash,
        decision,
        code: decision === "approve" ? code : code || null,
      }),
    onSuccess: async (_, decision) => {
      await client.invalidateQueries({ queryKey: waitingQuery.queryKey });
      if (decision === "approve" && sign.known) sign.mutate();
      else await client.invalidateQueries({ queryKey: transferQuery(transfer.id).queryKey });
    },
  });
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say.mutate("approve");
  };
  const ownCode = waiting?.needs.some((need) => need.effect === "second_factor") ?? false;
  const others = waiting?.needs.some((need) => need.effect === "approval") ?? false;
  return (
    <div className="notice notice-warn">
      <strong>{ownCode ? t("approve.code_title") : t("approve.title")}</strong>
      {waiting && <Needs waiting={waiting} />}
      {others && <p>{t("approve.wait")}</p>}
      {ownCode && (
        <form className="form" onSubmit={submit}>
          <OneTimeCode label={t("approve.code")} value={code} onChange={setCode} />
          <button className="button" disabled={say.isPending || sign.isPending}>
            {t("approve.go")}
          </button>
        </form>
      )}
      {!ownCode && sign.known && (
        <button type="button" className="button button-quiet" disabled={sign.isPending} onClick={() => sign.mutate()}>
          {t("approve.sign")}
        </button>
      )}
      {!sign.known && <p className="quiet small">{t("approve.elsewhere")}</p>}
      <ProblemNotice error={say.error ?? sign.error} />
      {waiting && (
        <button type="button" className="button button-plain" disabled={say.isPending} onClick={() => say.mutate("refuse")}>
          {t("approve.refuse")}
        </button>
      )}
    </div>
  );
}

/** What the rules say, and until when they wait. */
export function Needs({ waiting }: { waiting: WaitingPayment }) {
  const { t, date, time } = useWords();
  const until = `${date(waiting.expires_at)} ${time(waiting.expires_at)}`;
  return (
    <>
      {waiting.needs.map((need) => (
        <p key={need.rule}>{need.message}</p>
      ))}
      <p className="quiet small">{t("approve.until", { time: until })}</p>
    </>
  );
}
