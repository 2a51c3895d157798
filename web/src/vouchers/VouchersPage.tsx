import { lazy } from "react";
import { Route, Routes } from "react-router";

import { VoucherWallet } from "./VoucherWallet";

const VoucherPage = lazy(() => import("./VoucherPage"));
const PointsPage = lazy(() => import("./PointsPage"));
const StatementPage = lazy(() => import("./StatementPage"));
const GiftsPage = lazy(() => import("./GiftsPage"));
const PresentPage = lazy(() => import("./PresentPage"));

/** What shops owe the holder: vouchers, points, gifts. */
export default function VouchersPage() {
  return (
    <Routes>
      <Route index element={<VoucherWallet />} />
      <Route path="points" element={<PointsPage />} />
      <Route path="points/:programme" element={<StatementPage />} />
      <Route path="gifts" element={<GiftsPage />} />
      <Route path="present" element={<PresentPage />} />
      <Route path=":voucherId" element={<VoucherPage />} />
    </Routes>
  );
}
