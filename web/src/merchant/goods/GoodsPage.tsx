import { Route, Routes } from "react-router";

import { useWords } from "../../i18n/language";
import { Heading } from "../parts/Heading";
import { Tabs } from "../parts/Tabs";
import { Catalogue } from "./Catalogue";
import { Deliveries } from "./Deliveries";
import { Gifts } from "./Gifts";
import { Programmes } from "./Programmes";

export function GoodsPage() {
  const { t } = useWords();
  return (
    <>
      <Heading title={t("shop.goods")} />
      <Tabs
        label={t("shop.goods")}
        tabs={[
          ["/merchant/goods", t("goods.catalogue")],
          ["/merchant/goods/gifts", t("goods.gifts")],
          ["/merchant/goods/deliveries", t("goods.deliveries")],
          ["/merchant/goods/points", t("goods.points")],
        ]}
      />
      <Routes>
        <Route index element={<Catalogue />} />
        <Route path="gifts" element={<Gifts />} />
        <Route path="deliveries" element={<Deliveries />} />
        <Route path="points" element={<Programmes />} />
      </Routes>
    </>
  );
}
