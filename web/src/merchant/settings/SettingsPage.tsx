import { useWords } from "../../i18n/language";
import { Heading } from "../parts/Heading";
import { useShop } from "../shop";
import { ShopAccounts } from "../ShopAccounts";
import { ApiKeys } from "./ApiKeys";
import { Webhooks } from "./Webhooks";

export function SettingsPage() {
  const { t } = useWords();
  const shop = useShop();
  return (
    <>
      <Heading title={t("shop.settings")} />
      <div className="columns columns-even">
        <div className="column">
          <Webhooks />
        </div>
        <div className="column">
          <ShopAccounts organisation={shop} />
          <ApiKeys />
        </div>
      </div>
    </>
  );
}
