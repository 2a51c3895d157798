import { useWords } from "../../i18n/language";
import { Heading } from "../parts/Heading";
import { useShop } from "../shop";
import { Staff } from "./Staff";
import { Stores } from "./Stores";

export function PlacesPage() {
  const { t } = useWords();
  const shop = useShop();
  return (
    <>
      <Heading title={t("shop.places")} />
      <div className="columns columns-even">
        <Stores />
        <Staff owner={shop.role === "owner"} />
      </div>
    </>
  );
}
