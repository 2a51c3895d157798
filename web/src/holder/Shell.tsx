import { Suspense } from "react";
import { NavLink, Outlet } from "react-router";

import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ActivityIcon, AssetsIcon, HomeIcon, MoreIcon, VouchersIcon } from "./icons";

const PLACES = [
  ["/holder", "holder.nav_home", HomeIcon],
  ["/holder/assets", "holder.nav_assets", AssetsIcon],
  ["/holder/vouchers", "holder.nav_vouchers", VouchersIcon],
  ["/holder/activity", "holder.nav_activity", ActivityIcon],
  ["/holder/more", "holder.nav_more", MoreIcon],
] as const;

/** The holder's places: a bar at the thumb on phones, beside the page on wider screens. */
export function Shell() {
  const { t } = useWords();
  return (
    <div className="shell">
      <nav className="places" aria-label={t("holder.nav")}>
        {PLACES.map(([to, name, Icon]) => (
          <NavLink key={to} to={to} end={to === "/holder"}>
            <Icon />
            <span>{t(name)}</span>
          </NavLink>
        ))}
      </nav>
      <Suspense
        fallback={
          <main className="page">
            <Loading />
          </main>
        }
      >
        <Outlet />
      </Suspense>
    </div>
  );
}
