import { Route, Routes, useLocation } from "react-router";

import { useWords } from "../i18n/language";
import { useOrganisation } from "../merchant/useOrganisation";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import "../style/till.css";
import { ChargePage } from "./ChargePage";
import { OrderPage } from "./OrderPage";
import { TillFrame } from "./TillFrame";
import { Today } from "./Today";

/** The till fills the screen: what is charged, and beside it or on a page of its own the day. */
export default function TillArea() {
  const { t } = useWords();
  const me = useMe();
  const { organisations, organisation, choose, error, refetch } = useOrganisation(["owner", "manager", "cashier"]);
  const showsToday = useLocation().pathname.replace(/\/$/, "") === "/till/today";
  if (organisation === undefined || organisations === undefined) {
    return (
      <TillFrame>
        {organisations ? (
          <p className="notice">{t("till.no_shop", { email: me.person.email ?? me.person.display_name })}</p>
        ) : error ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : (
          <Loading />
        )}
      </TillFrame>
    );
  }
  return (
    <TillFrame organisations={organisations} organisation={organisation} onChoose={choose}>
      <div className={showsToday ? "till-body till-shows-today" : "till-body"}>
        <div className="till-main">
          <Routes>
            <Route path="order/:order" element={<OrderPage organisation={organisation.id} />} />
            <Route path="*" element={<ChargePage organisation={organisation.id} />} />
          </Routes>
        </div>
        <div className="till-day">
          <Today organisation={organisation.id} />
        </div>
      </div>
    </TillFrame>
  );
}
