import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { BrowserRouter, Link, Navigate, Route, Routes } from "react-router";

import { newQueryClient } from "./api/queries";
import { LanguageProvider, useWords } from "./i18n/language";
import { InvitationPage } from "./safety/InvitationPage";
import { MailedCodes } from "./safety/mailedCode";
import { PrivacyPage } from "./safety/PrivacyPage";
import { SafetyPage } from "./safety/SafetyPage";
import { VerifyPage } from "./safety/VerifyPage";
import { Layout } from "./session/Layout";
import { useMe } from "./session/session";
import { UnlockProvider } from "./session/unlock";
import { showStoredType } from "./vouchers/help/largeType";
import { Live } from "./vouchers/notices/Live";

// Each area is loaded when somebody goes there; a phone at the till never loads the shop's charts.
const HolderArea = lazy(() => import("./holder/HolderArea"));
const PayPage = lazy(() => import("./vouchers/PayPage"));
const ClaimPage = lazy(() => import("./vouchers/ClaimPage"));
const NotificationsPage = lazy(() => import("./vouchers/NotificationsPage"));
const HelpPage = lazy(() => import("./vouchers/HelpPage"));
const SupportPages = lazy(() => import("./vouchers/SupportPages"));
const MerchantArea = lazy(() => import("./merchant/MerchantArea"));
const TillArea = lazy(() => import("./till/TillArea"));
const AuditorArea = lazy(() => import("./auditor/AuditorArea"));

showStoredType();

function FirstPage() {
  const me = useMe();
  if (me.platform_roles.includes("auditor")) return <Navigate to="/auditor" replace />;
  const roles = me.memberships.map((membership) => membership.role);
  if (roles.includes("owner") || roles.includes("manager")) return <Navigate to="/merchant" replace />;
  return <Navigate to={roles.includes("cashier") ? "/till" : "/holder"} replace />;
}

function NotFound() {
  const { t } = useWords();
  return (
    <main className="page page-narrow">
      <h1>{t("common.not_found")}</h1>
      <Link to="/">{t("common.home")}</Link>
    </main>
  );
}

export function App() {
  const [client] = useState(newQueryClient);
  return (
    <QueryClientProvider client={client}>
      <LanguageProvider>
        <UnlockProvider>
          <BrowserRouter>
            <MailedCodes>
              <Live>
                <Routes>
                  <Route element={<Layout open />}>
                    <Route path="verify" element={<VerifyPage />} />
                    <Route path="privacy" element={<PrivacyPage />} />
                    <Route path="claim" element={<ClaimPage />} />
                    <Route path="claim/:code" element={<ClaimPage />} />
                    <Route path="help" element={<HelpPage />} />
                  </Route>
                  <Route element={<Layout bare />}>
                    <Route path="till/*" element={<TillArea />} />
                  </Route>
                  <Route element={<Layout />}>
                    <Route index element={<FirstPage />} />
                    <Route path="holder/*" element={<HolderArea />} />
                    <Route path="pay/:orderId" element={<PayPage />} />
                    <Route path="notifications" element={<NotificationsPage />} />
                    <Route path="support/*" element={<SupportPages />} />
                    <Route path="merchant/*" element={<MerchantArea />} />
                    <Route path="auditor/*" element={<AuditorArea />} />
                    <Route path="safety" element={<SafetyPage />} />
                    <Route path="invitation" element={<InvitationPage />} />
                    <Route path="*" element={<NotFound />} />
                  </Route>
                </Routes>
              </Live>
            </MailedCodes>
          </BrowserRouter>
        </UnlockProvider>
      </LanguageProvider>
    </QueryClientProvider>
  );
}
