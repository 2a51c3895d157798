import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { useWords } from "../i18n/language";
import { ProblemNotice } from "../parts/ProblemNotice";
import { secondFactorQuery } from "../safety/queries";
import { OneTimeCode } from "../safety/SecondFactor";
import { useMe } from "../session/session";
import { waitingQuery } from "./queries";
import type { WaitingPayment } from "./shapes";

interface Props {
  waiting: WaitingPayment;
  /** Words of the button that says yes. */
  yes: string;
  no: string;
  onSaid: (decision: "approve" | "refuse") => void;
}

/**
 * The person's own word about something that waits: the payer proves a code where the rules want one, everybody else
 * who is asked agrees. Whoever has an authenticator shows its code.
 */
export function SayWord({ waiting, yes, no, onSaid }: Props) {
  const { t } = useWords();
  const me = useMe();
  const client = useQueryClient();
  const hasCode = useQuery(secondFactorQuery).data?.totp ?? false;
  const [code, setCode] = useState("");
  const isPayer = waiting.owner === me.person.id;
  const wantsCode = waiting.needs.some((need) => need.effect === "second_factor");
  const mayAgree = isPayer ? wantsCode : !waiting.approved_by.includes(me.person.id);
  const asksCode = mayAgree && (hasCode || wantsCode);
  const say = useMutation({
    mutationFn: (decision: "approve" | "refuse") =>
      post(`/transfers/${waiting.payment_id}/approve`, { payload_hash: waiting.payload_hash, decision, code: code || null }),
    onSuccess: async (_, decision) => {
      await client.invalidateQueries({ queryKey: waitingQuery.queryKey });
      onSaid(decision);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say.mutate("approve");
  };
  return (
    <form className="form say" onSubmit={submit}>
      {!isPayer && !mayAgree && (
        <p className="good" role="status">
          {t("approve.said")}
        </p>
      )}
      {asksCode && <OneTimeCode label={t("approve.code")} value={code} onChange={setCode} />}
      <ProblemNotice error={say.error} hints={{ login_failed: t("approve.code_wrong") }} />
      <div className="row">
        {mayAgree && (
          <button className="button" disabled={say.isPending}>
            {yes}
          </button>
        )}
        <button type="button" className="button button-plain" disabled={say.isPending} onClick={() => say.mutate("refuse")}>
          {no}
        </button>
      </div>
    </form>
  );
}
