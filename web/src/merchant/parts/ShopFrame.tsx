import type { ReactNode } from "react";
import { NavLink } from "react-router";

import type { Organisation } from "../../api/types";
import { useWords } from "../../i18n/language";
import { OrganisationChoice } from "../OrganisationChoice";

interface Props {
  organisations: readonly Organisation[];
  organisation: Organisation;
  onChoose: (id: string) => void;
  children: ReactNode;
}

/** The shop's own navigation: at the side of a desk, above the page on a phone. */
export function ShopFrame({ organisations, organisation, onChoose, children }: Props) {
  const { t } = useWords();
  const pages = [
    ["/merchant", t("shop.overview")],
    ["/merchant/campaigns", t("shop.campaigns")],
    ["/merchant/orders", t("shop.orders")],
    ["/merchant/cases", t("shop.cases")],
    ["/merchant/places", t("shop.places")],
    ["/merchant/goods", t("shop.goods")],
    ["/merchant/settings", t("shop.settings")],
  ] as const;
  return (
    <div className="shop">
      <aside className="shop-side">
        <OrganisationChoice organisations={organisations} organisation={organisation} onChoose={onChoose} />
        <nav className="shop-nav" aria-label={t("shop.nav")}>
          {pages.map(([to, name]) => (
            <NavLink key={to} to={to} end={to === "/merchant"}>
              {name}
            </NavLink>
          ))}
        </nav>
      </aside>
      <main className="shop-page">{children}</main>
    </div>
  );
}
