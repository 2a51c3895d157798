import { lazy, Suspense } from "react";
import { NavLink, Outlet, useLocation } from "react-router";

import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { kept } from "../vouchers/kept";
import { useInterrupted } from "./interrupted";
import { SignIn } from "./SignIn";
import { SignInAgain } from "./SignInAgain";
import { SignedIn, useSession } from "./session";
import { ReachNotice } from "./ReachNotice";

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
  const interrupted = useInterrupted(me);
  const who = me ?? (open ? null : interrupted);
  const again = !open && interrupted && <SignInAgain who={interrupted} />;
  const silent = fetchStatus === "paused" || (failureReason instanceof Problem && failureReason.status === 0);
  const path = useLocation().pathname;
  const isAuditor = who?.platform_roles.includes("auditor") ?? false;
  const pages = [
    ["/holder", t("nav.holder")],
    ["/merchant", t("nav.merchant")],
    ["/till", t("nav.till")],
    ...(isAuditor || path.startsWith("/auditor") ? [["/auditor", t("nav.auditor")] as const] : []),
  ] as const;
  if (bare && who) {
    return (
      <SignedIn value={who}>
        <ReachNotice onlySlow />
        <Area key={who.person.id} />
        {again}
      </SignedIn>
    );
  }
  return (
    <SignedIn value={who}>
      <ReachNotice />
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
        {who && (
          <nav aria-label={t("nav.label")}>
            {pages.map(([to, name]) => (
              <NavLink key={to} to={to}>
                {name}
              </NavLink>
            ))}
          </nav>
        )}
        <div className="top-end">
          {who && <span className="who quiet small">{who.person.display_name}</span>}
          {who && (
            <NavLink to="/safety" className="button button-plain">
              {t("nav.safety")}
            </NavLink>
          )}
          <LanguageSwitch />
          {who && (
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
      ) : error && !who ? (
        <main className="page page-narrow">
          <ProblemNotice error={error} again={() => void refetch()} />
        </main>
      ) : who === null && me === undefined ? (
        <main className="page">
          <Loading />
        </main>
      ) : who === null ? (
        <SignIn />
      ) : (
        <Area key={who.person.id} />
      )}
      {again}
    </SignedIn>
  );
}
