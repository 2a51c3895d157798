import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { get, post } from "../api/client";
import { useWords } from "../i18n/language";
import { Facts } from "../parts/Facts";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";

type Level = "wallet" | "email" | "document";

/** The caller's address, whether it is verified, and the identity level that follows. */
export function Mailbox() {
  const { t } = useWords();
  const { person } = useMe();
  const level = useQuery({ queryKey: ["identity"], queryFn: () => get<{ level: Level }>("/identity") }).data?.level;
  const ask = useMutation({ mutationFn: () => post("/auth/email/verification") });
  return (
    <section className="card" aria-labelledby="mailbox">
      <h2 id="mailbox">{t("mailbox.title")}</h2>
      {person.email === null ? (
        <p className="quiet">{t("mailbox.none")}</p>
      ) : (
        <p className="row-between">
          <span>{person.email}</span>
          <span className={person.email_verified ? "chip chip-good" : "chip chip-warn"}>
            {person.email_verified ? t("mailbox.verified") : t("mailbox.not_verified")}
          </span>
        </p>
      )}
      <Facts rows={[[t("level.title"), level && t(`level.${level}`)]]} />
      {person.email !== null && !person.email_verified && (
        <div className="row">
          <button type="button" className="button button-quiet" disabled={ask.isPending} onClick={() => ask.mutate()}>
            {t("mailbox.ask")}
          </button>
          <Link to="/verify">{t("mailbox.enter")}</Link>
        </div>
      )}
      {ask.isSuccess && (
        <p className="small quiet" role="status">
          {t("mailbox.asked")}
        </p>
      )}
      <ProblemNotice error={ask.error} />
      <p className="small">
        <Link to="/invitation">{t("invitation.title")}</Link>
      </p>
    </section>
  );
}
