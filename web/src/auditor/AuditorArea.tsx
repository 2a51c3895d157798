import { NavLink, Outlet, Route, Routes } from "react-router";

import { useWords } from "../i18n/language";
import { useMe } from "../session/session";
import "../style/auditor.css";
import { AuditLogPage } from "./AuditLogPage";
import { BoardPage } from "./BoardPage";
import { ExportsPage } from "./ExportsPage";
import { TracePage } from "./TracePage";

/** The auditor's pages. */
export default function AuditorArea() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<TracePage />} />
        <Route path="board" element={<BoardPage />} />
        <Route path="exports" element={<ExportsPage />} />
        <Route path="log" element={<AuditLogPage />} />
      </Route>
    </Routes>
  );
}

function Frame() {
  const { t } = useWords();
  const me = useMe();
  if (!me.platform_roles.includes("auditor")) {
    return (
      <main className="page page-narrow">
        <h1>{t("audit.title")}</h1>
        <p className="notice">{t("audit.only_auditors")}</p>
      </main>
    );
  }
  return (
    <main className="page">
      <h1>{t("audit.title")}</h1>
      <nav className="tabs" aria-label={t("audit.nav")}>
        <NavLink to="/auditor" end>
          {t("audit.nav.trace")}
        </NavLink>
        <NavLink to="/auditor/board">{t("audit.nav.board")}</NavLink>
        <NavLink to="/auditor/exports">{t("audit.nav.exports")}</NavLink>
        <NavLink to="/auditor/log">{t("audit.nav.log")}</NavLink>
      </nav>
      <Outlet />
    </main>
  );
}
