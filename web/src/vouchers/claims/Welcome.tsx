import { useMutation, useQuery } from "@tanstack/react-query";

import { post } from "../../api/client";
import { Problem } from "../../api/problem";
import { accountsQuery } from "../../api/queries";
import { useWords } from "../../i18n/language";
import type { Claim, PublicClaim } from "../shapes";
import { ClaimTrouble } from "./ClaimTrouble";
import { deviceId } from "./device";

/** Campaigns that welcome newcomers give a voucher without a code, once, to whoever has never paid there. */
export function Welcome({ told, onClaimed }: { told: PublicClaim; onClaimed: (claim: Claim) => void }) {
  const { t } = useWords();
  const account = useQuery(accountsQuery).data?.find((found) => told.lanes.some((lane) => lane.chain === found.chain));
  const welcome = useMutation({
    mutationFn: (to: string) =>
      post<Claim>("/claims/welcome", { campaign: told.campaign, account: to, device: deviceId() }, { act: "welcome" }),
    onSuccess: onClaimed,
  });
  if (!account) return null;
  const none = welcome.error instanceof Problem && (welcome.error.status === 404 || welcome.error.code === "invalid_terms");
  return (
    <>
      {none ? (
        <p className="notice" role="alert">
          {t("claimpage.welcome_not")}
        </p>
      ) : (
        <ClaimTrouble error={welcome.error} />
      )}
      {!none && (
        <button type="button" className="button" disabled={welcome.isPending} onClick={() => welcome.mutate(account.account)}>
          {welcome.isPending ? t("common.working") : t("claimpage.welcome")}
        </button>
      )}
    </>
  );
}
