import { NavLink } from "react-router";

import { useWords } from "../i18n/language";

const TABS = [
  ["/holder/vouchers", "voucher.tab_vouchers"],
  ["/holder/vouchers/points", "voucher.tab_points"],
  ["/holder/vouchers/gifts", "voucher.tab_gifts"],
] as const;

export function VoucherTabs() {
  const { t } = useWords();
  return (
    <nav className="tabs" aria-label={t("voucher.tabs")}>
      {TABS.map(([to, name]) => (
        <NavLink key={to} to={to} end={to === "/holder/vouchers"}>
          {t(name)}
        </NavLink>
      ))}
    </nav>
  );
}
