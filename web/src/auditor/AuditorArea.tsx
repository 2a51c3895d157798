import { Route, Routes } from "react-router";

import { AuditorPage } from "./AuditorPage";

/** The auditor's pages. */
export default function AuditorArea() {
  return (
    <Routes>
      <Route index element={<AuditorPage />} />
    </Routes>
  );
}
