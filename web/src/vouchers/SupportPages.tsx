import { Route, Routes } from "react-router";

import "../style/holder.css";
import { CasePage } from "./support/CasePage";
import { CasesPage } from "./support/CasesPage";
import { NewCasePage } from "./support/NewCasePage";

/** Asking for help, and how far it is. */
export default function SupportPages() {
  return (
    <Routes>
      <Route index element={<CasesPage />} />
      <Route path="new" element={<NewCasePage />} />
      <Route path=":caseId" element={<CasePage />} />
    </Routes>
  );
}
