import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { post } from "../api/client";
import { meQuery, organisationsQuery } from "../api/queries";
import type { Joined } from "../api/types";
import { useWords } from "../i18n/language";
import { CodeForm } from "./CodeForm";
import { useMailedCode } from "./mailedCode";

/** Where the link of an invitation leads. */
export function InvitationPage() {
  const { t } = useWords();
  const client = useQueryClient();
  const mailed = useMailedCode("/invitation");
  const accept = useMutation({
    mutationFn: (token: string) => post<Joined>("/invitations/accept", { token }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      await client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
    },
    gcTime: 0,
  });
  return (
    <main className="page page-narrow">
      <h1>{t("invitation.title")}</h1>
      <section className="card" aria-label={t("invitation.title")}>
        {accept.data ? (
          <>
            <p className="good" role="status">
              {t("invitation.done", { role: t(`merchant.role.${accept.data.role}`) })}
            </p>
            <Link to="/">{t("invitation.open")}</Link>
          </>
        ) : (
          <>
            <p className="quiet">{t("invitation.text")}</p>
            <CodeForm
              label={t("invitation.code")}
              submit={t("invitation.submit")}
              mailed={mailed}
              pending={accept.isPending}
              error={accept.error}
              onSubmit={accept.mutate}
            />
          </>
        )}
      </section>
    </main>
  );
}
