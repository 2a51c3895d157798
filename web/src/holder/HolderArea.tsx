import { Route, Routes } from "react-router";

import { HolderPage } from "./HolderPage";

/** The holder's pages. */
export default function HolderArea() {
  return (
    <Routes>
      <Route index element={<HolderPage />} />
    </Routes>
  );
}
