import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { post } from "../../api/client";
import { accountsQuery, vouchersQuery } from "../../api/queries";
import type { Me } from "../../api/types";
import { addressOf, shortId, useChainNames } from "../../chains";
import { Onboarding } from "../../holder/Onboarding";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { claimsQuery } from "../queries";
import type { Claim, Grant, PublicClaim } from "../shapes";
import { ClaimProgress } from "./ClaimProgress";
import { ClaimTrouble } from "./ClaimTrouble";
import { Closed, closedBy } from "./Closed";
import { deviceId } from "./device";
import { OpenAccount } from "./OpenAccount";
import { Visited } from "./Visited";
import { Welcome } from "./Welcome";

interface Props {
  code: string;
  told: PublicClaim;
  me: Me | null;
  onSignIn: () => void;
  onCode: () => void;
}

/** What the person can do with the link right now. */
export function ClaimStage({ code, told, me, onSignIn, onCode }: Props) {
  const { t } = useWords();
  const claims = useQuery({ ...claimsQuery, enabled: me !== null });
  const had = claims.data?.filter((claim) => claim.campaign === told.campaign && claim.status !== "failed") ?? [];
  const [followed, follow] = useState<string | null>(null);
  const underWay = followed ?? had.find((claim) => claim.status === "requested")?.id;
  if (underWay) return <ClaimProgress id={underWay} onAgain={() => follow(null)} />;

  const closed = closedBy(told);
  const mine = had[0];
  if (mine && told.purpose !== "visit") return <AlreadyMine claim={mine} />;
  if (closed) return <Closed why={closed} told={told} />;
  if (told.purpose === null) {
    return (
      <>
        <p className="quiet">{t("claimpage.public")}</p>
        {me && <Welcome told={told} onClaimed={(claim) => follow(claim.id)} />}
        <button type="button" className="button button-quiet" onClick={onCode}>
          {t("claimpage.have_code")}
        </button>
      </>
    );
  }
  if (me === null) {
    return (
      <section className="card" aria-label={t("claimpage.sign_in")}>
        <p className="quiet">{t("claimpage.sign_in_text")}</p>
        <button type="button" className="button button-large" onClick={onSignIn}>
          {t("claimpage.sign_in")}
        </button>
        <p className="quiet small">{t("claimpage.free")}</p>
      </section>
    );
  }
  if (claims.data === undefined && claims.error === null) return <Loading />;
  return <Claiming code={code} told={told} me={me} onClaimed={(claim) => follow(claim.id)} />;
}

function AlreadyMine({ claim }: { claim: Claim }) {
  const { t } = useWords();
  return (
    <div className="notice notice-good" role="status">
      <strong>{t("claimpage.already")}</strong>
      <p>{t("claimpage.already_text")}</p>
      <Link to={claim.voucher ? `/holder/vouchers/${claim.voucher}` : "/holder/vouchers"} className="button">
        {t("claimpage.see")}
      </Link>
    </div>
  );
}

interface ClaimingProps {
  code: string;
  told: PublicClaim;
  me: Me;
  onClaimed: (claim: Claim) => void;
}

function Claiming({ code, told, me, onClaimed }: ClaimingProps) {
  const { t } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const accounts = useQuery(accountsQuery).data;
  const [chosen, choose] = useState("");
  // Setting up ends when the person says so: the accounts exist before the words are written down.
  const [settingUp, setSettingUp] = useState(false);
  const lanes = told.lanes.filter((lane) => lane.status === "active" && lane.remaining > 0).map((lane) => lane.chain);
  const usable = accounts?.filter((account) => lanes.includes(account.chain)) ?? [];
  const account = usable.find((found) => found.account === chosen) ?? usable[0];
  const isVisit = told.purpose === "visit";
  const claim = useMutation({
    mutationFn: async (to: string): Promise<{ grant: Grant | null; claim: Claim | null }> => {
      const body = { code, account: to, device: deviceId() };
      if (isVisit) return { grant: await post<Grant>("/claims/visits", body, { act: "visit" }), claim: null };
      return { grant: null, claim: await post<Claim>("/claims", body, { act: "claim" }) };
    },
    onSuccess: ({ claim: made }) => {
      if (made) onClaimed(made);
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: claimsQuery.queryKey });
      await client.invalidateQueries({ queryKey: vouchersQuery.queryKey });
    },
  });

  if (accounts === undefined) return <Loading />;
  if (accounts.length === 0 && !settingUp) setSettingUp(true);
  if (settingUp) {
    return (
      <>
        <p className="notice">{t("claimpage.wallet_first")}</p>
        <Onboarding onDone={() => setSettingUp(false)} />
      </>
    );
  }
  if (!account) return <OpenAccount chains={lanes} />;
  if (claim.data?.grant) return <Visited grant={claim.data.grant} />;
  const tooLow = told.level === "email" && !me.person.email_verified;
  return (
    <section className="card" aria-label={t("claimpage.claim")}>
      {usable.length > 1 && (
        <label className="field">
          <span>{t("claimpage.to_account")}</span>
          <select value={account.account} onChange={(event) => choose(event.target.value)}>
            {usable.map((found) => (
              <option key={found.id} value={found.account}>
                {name(found.chain)} · {shortId(addressOf(found.account))}
              </option>
            ))}
          </select>
        </label>
      )}
      {told.level !== "wallet" && (
        <p className={tooLow ? "notice notice-warn" : "quiet small"}>
          {t(`claimpage.level_${told.level}`)} {tooLow && <Link to="/safety">{t("claimpage.to_safety")}</Link>}
        </p>
      )}
      <ClaimTrouble error={claim.error} />
      <button
        type="button"
        className="button button-large"
        disabled={claim.isPending || tooLow}
        onClick={() => claim.mutate(account.account)}
      >
        {claim.isPending ? t("common.working") : t(isVisit ? "claimpage.check_in" : "claimpage.claim")}
      </button>
      <p className="quiet small">{t("claimpage.free")}</p>
    </section>
  );
}
