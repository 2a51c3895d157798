import { Route, Routes } from "react-router";

import { MerchantPage } from "./MerchantPage";

/** The merchant's pages. */
export default function MerchantArea() {
  return (
    <Routes>
      <Route index element={<MerchantPage />} />
    </Routes>
  );
}
