import { Route, Routes } from "react-router";

import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import "../style/merchant.css";
import "../style/merchantLaunch.css";
import "../style/merchantNumbers.css";
import { CampaignList } from "./campaigns/CampaignList";
import { CampaignPage } from "./campaigns/CampaignPage";
import { CaseList } from "./cases/CaseList";
import { CasePage } from "./cases/CasePage";
import { GoodsPage } from "./goods/GoodsPage";
import { LaunchPage } from "./launch/LaunchPage";
import { OpenShop } from "./OpenShop";
import { OrderList } from "./orders/OrderList";
import { OrderPage } from "./orders/OrderPage";
import { SettlementPage } from "./orders/SettlementPage";
import { OverviewPage } from "./overview/OverviewPage";
import { ShopFrame } from "./parts/ShopFrame";
import { PlacesPage } from "./places/PlacesPage";
import { SettingsPage } from "./settings/SettingsPage";
import { WebhookPage } from "./settings/WebhookPage";
import { Shop } from "./shop";
import { useOrganisation } from "./useOrganisation";

/** The merchant's pages. */
export default function MerchantArea() {
  const { t } = useWords();
  const { organisations, organisation, choose, error, refetch } = useOrganisation(["owner", "manager"]);
  if (organisations === undefined || organisation === undefined) {
    return (
      <main className="page">
        <h1>{t("merchant.title")}</h1>
        {organisations ? <OpenShop /> : error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />}
      </main>
    );
  }
  return (
    <Shop value={organisation} key={organisation.id}>
      <ShopFrame organisations={organisations} organisation={organisation} onChoose={choose}>
        <Routes>
          <Route index element={<OverviewPage />} />
          <Route path="campaigns" element={<CampaignList />} />
          <Route path="campaigns/new" element={<LaunchPage />} />
          <Route path="campaigns/:campaign/*" element={<CampaignPage />} />
          <Route path="orders" element={<OrderList />} />
          <Route path="orders/:order" element={<OrderPage />} />
          <Route path="settlement" element={<SettlementPage />} />
          <Route path="cases" element={<CaseList />} />
          <Route path="cases/:id" element={<CasePage />} />
          <Route path="places" element={<PlacesPage />} />
          <Route path="goods/*" element={<GoodsPage />} />
          <Route path="settings" element={<SettingsPage />} />
          <Route path="settings/webhooks/:webhook" element={<WebhookPage />} />
          <Route path="*" element={<h1>{t("common.not_found")}</h1>} />
        </Routes>
      </ShopFrame>
    </Shop>
  );
}
