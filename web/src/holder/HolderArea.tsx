import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";

import "../style/holder.css";
import { HomePage } from "./HomePage";
import { Shell } from "./Shell";

const AssetsPage = lazy(() => import("./AssetsPage"));
const AssetPage = lazy(() => import("./AssetPage"));
const SendPage = lazy(() => import("./SendPage"));
const TransferPage = lazy(() => import("./TransferPage"));
const ReceivePage = lazy(() => import("./ReceivePage"));
const ScanPage = lazy(() => import("./ScanPage"));
const ActivityPage = lazy(() => import("./ActivityPage"));
const SpendingPage = lazy(() => import("./SpendingPage"));
const ApprovalsPage = lazy(() => import("./ApprovalsPage"));
const LimitsPage = lazy(() => import("./LimitsPage"));
const ContactsPage = lazy(() => import("./ContactsPage"));
const ConnectPage = lazy(() => import("./ConnectPage"));
const AddWalletPage = lazy(() => import("./AddWalletPage"));
const MorePage = lazy(() => import("./MorePage"));
const VouchersPage = lazy(() => import("../vouchers/VouchersPage"));
const NotificationsPage = lazy(() => import("../vouchers/NotificationsPage"));
const HelpPage = lazy(() => import("../vouchers/HelpPage"));

/** The holder's pages. */
export default function HolderArea() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<HomePage />} />
        <Route path="assets" element={<AssetsPage />} />
        <Route path="assets/detail" element={<AssetPage />} />
        <Route path="send" element={<SendPage />} />
        <Route path="transfers/:transferId" element={<TransferPage />} />
        <Route path="receive" element={<ReceivePage />} />
        <Route path="scan" element={<ScanPage />} />
        <Route path="activity" element={<ActivityPage />} />
        <Route path="spending" element={<SpendingPage />} />
        <Route path="approvals" element={<ApprovalsPage />} />
        <Route path="limits" element={<LimitsPage />} />
        <Route path="contacts" element={<ContactsPage />} />
        <Route path="connect" element={<ConnectPage />} />
        <Route path="wallets/new" element={<AddWalletPage />} />
        <Route path="vouchers/*" element={<VouchersPage />} />
        <Route path="notifications" element={<NotificationsPage />} />
        <Route path="help" element={<HelpPage />} />
        <Route path="more" element={<MorePage />} />
        <Route path="*" element={<Navigate to="/holder" replace />} />
      </Route>
    </Routes>
  );
}
