import { Route, Routes } from "react-router";

import { TillPage } from "./TillPage";

/** The till's pages. */
export default function TillArea() {
  return (
    <Routes>
      <Route index element={<TillPage />} />
    </Routes>
  );
}
