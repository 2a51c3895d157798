import { useState } from "react";
import { Link, useLocation } from "react-router";

import { useWords } from "../i18n/language";
import { SignInForm } from "./SignInForm";

export function SignIn() {
  const { t } = useWords();
  const erased = (useLocation().state as { erased?: boolean } | null)?.erased;
  const [isNew, setNew] = useState(false);
  return (
    <main className="page page-narrow">
      {erased && (
        <p className="notice notice-good" role="status">
          {t("data.erased")}
        </p>
      )}
      <h1>{isNew ? t("sign_in.register") : t("sign_in.title")}</h1>
      <SignInForm isNew={isNew} onNew={setNew} />
      <p className="quiet small">{t("sign_in.local")}</p>
      <p className="small row">
        <Link to="/privacy">{t("sign_in.privacy")}</Link>
        <Link to="/help">{t("sign_in.help")}</Link>
      </p>
    </main>
  );
}
