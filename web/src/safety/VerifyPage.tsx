import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { post } from "../api/client";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { CodeForm } from "./CodeForm";
import { useMailedCode } from "./mailedCode";

/** Where the link of a verification mail leads; needs no session and opens none. */
export function VerifyPage() {
  const { t } = useWords();
  const client = useQueryClient();
  const mailed = useMailedCode("/verify");
  const verify = useMutation({
    mutationFn: (token: string) => post("/auth/email/verify", { token }),
    onSuccess: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
    gcTime: 0,
  });
  return (
    <main className="page page-narrow">
      <h1>{t("verify.title")}</h1>
      <section className="card" aria-label={t("verify.title")}>
        {verify.isSuccess ? (
          <>
            <p className="good" role="status">
              {t("verify.done")}
            </p>
            <Link to="/">{t("common.home")}</Link>
          </>
        ) : (
          <>
            <p className="quiet">{t("verify.text")}</p>
            <CodeForm
              label={t("verify.code")}
              submit={t("verify.submit")}
              mailed={mailed}
              pending={verify.isPending}
              error={verify.error}
              onSubmit={verify.mutate}
            />
          </>
        )}
      </section>
    </main>
  );
}
