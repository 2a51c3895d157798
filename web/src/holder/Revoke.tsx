import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { post } from "../api/client";
import { addressOf, shortId } from "../chains";
import { useWords } from "../i18n/language";
import { Dialog } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { isOver, revocationQuery } from "./queries";
import type { Call, TokenApproval } from "./shapes";

/** Ends one approval after a second look, and follows it until it is final. */
export function Revoke({ account, approval }: { account: string; approval: TokenApproval }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [asking, setAsking] = useState(false);
  const who = shortId(addressOf(approval.spender));
  const revoke = useMutation({
    mutationFn: () => {
      const body = { account, kind: approval.kind, token: approval.token, spender: approval.spender };
      return withUnlock(() => post<Call>("/token-approvals/revoke", body, { act: "revoke" }));
    },
    onSettled: () => setAsking(false),
  });
  const id = revoke.data?.id ?? "";
  const call = useQuery({ ...revocationQuery(id), enabled: id !== "" }).data ?? revoke.data;
  const over = call ? isOver(call.status) : false;
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: ["token-approvals"] });
  }, [client, over]);

  if (call?.status === "done") {
    return (
      <p className="good" role="status">
        {t("approvals.revoked")}
      </p>
    );
  }
  if (call && !over) return <Loading text={t("approvals.revoking")} />;
  return (
    <>
      {call?.failure && (
        <p className="notice notice-bad" role="alert">
          {t("transfer.failed", { reason: call.failure.message })}
        </p>
      )}
      <ProblemNotice error={revoke.error} />
      <button
        type="button"
        className="button button-quiet"
        aria-label={t("approvals.revoke_it", { who })}
        onClick={() => setAsking(true)}
      >
        {t("approvals.revoke")}
      </button>
      {asking && (
        <Dialog title={t("approvals.sure")} onClose={() => setAsking(false)}>
          <p>{t("approvals.sure_text", { who })}</p>
          <div className="row">
            <button type="button" className="button" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
              {t("approvals.revoke")}
            </button>
            <button type="button" className="button button-quiet" onClick={() => setAsking(false)}>
              {t("common.cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
