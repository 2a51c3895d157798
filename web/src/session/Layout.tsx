import { lazy, Suspense } from "react";
import { NavLink, Outlet, useLocation } from "react-router";

import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { kept } from "../vouchers/kept";
import { SignIn } from "./SignIn";
import { SignedIn, useSession } from "./session";

const OfflinePage = lazy(() => import("../vouchers/OfflinePage"));

function LanguageSwitch() {
  const { t, language, setLanguage } = useWords();
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <button type="button" className="button button-plain" lang={other} onClick={() => setLanguage(other)}>
      {t("app.other_language")}
    </button>
  );
}

function Area() {
  const loading = (
    <main className="page">
      <Loading />
    </main>
  );
  return (
    <Suspense fallback={loading}>
      <Outlet />
    </Suspense>
  );
}

/** Header, and below it the page for whoever is signed in; `open` ones are for everybody, a `bare` one has a frame of its own. */
export function Layout({ open = false, bare = false }: { open?: boolean; bare?: boolean }) {
  const { t } = useWords();
  const { me, signOut, error, refetch, fetchStatus, failureReason } = useSession();
  const silent = fetchStatus === "paused" || (failureReason instanceof Problem && failureReason.status === 0);
  const path = useLocation().pathname;
  const isAuditor = me?.platform_roles.includes("auditor") ?? false;
  const pages = [
    ["/holder", t("nav.holder")],
    ["/merchant", t("nav.merchant")],
    ["/till", t("nav.till")],
    ...(isAuditor || path.startsWith("/auditor") ? [["/auditor", t("nav.auditor")] as const] : []),
  ] as const;
  if (bare && me) {
    return (
      <SignedIn value={me}>
        <Area key={me.session_id} />
      </SignedIn>
    );
  }
  return (
    <SignedIn value={me ?? null}>
      <header className="top">
        <NavLink to="/" className="brand">
          <svg viewBox="0 0 64 64" width="28" height="28" aria-hidden="true">
            <path
              d="M10 14h44a4 4 0 0 1 4 4v8a6 6 0 0 0 0 12v8a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4v-8a6 6 0 0 0 0-12v-8a4 4 0 0 1 4-4z"
              fill="currentColor"
            />
          </svg>
          {t("app.name")}
        </NavLink>
        {me && (
          <nav aria-label={t("nav.label")}>
            {pages.map(([to, name]) => (
              <NavLink key={to} to={to}>
                {name}
              </NavLink>
            ))}
          </nav>
        )}
        <div className="top-end">
          {me && <span className="who quiet small">{me.person.display_name}</span>}
          {me && (
            <NavLink to="/safety" className="button button-plain">
              {t("nav.safety")}
            </NavLink>
          )}
          <LanguageSwitch />
          {me && (
            <button type="button" className="button button-plain" onClick={() => void signOut()}>
              {t("nav.sign_out")}
            </button>
          )}
        </div>
      </header>
      {open ? (
        <Area />
      ) : me === undefined && silent && kept() !== null ? (
        <Suspense fallback={null}>
          <OfflinePage again={() => void refetch()} />
        </Suspense>
      ) : error ? (
        <main className="page page-narrow">
          <ProblemNotice error={error} again={() => void refetch()} />
        </main>
      ) : me === undefined ? (
        <main className="page">
          <Loading />
        </main>
      ) : me === null ? (
        <SignIn />
      ) : (
        <Area key={me.session_id} />
      )}
    </SignedIn>
  );
}
