import { useWords } from "../i18n/language";
import { ConnectWallets } from "./ConnectWallets";
import { Screen } from "./Screen";

export default function ConnectPage() {
  const { t } = useWords();
  return (
    <Screen title={t("more.connect")} back="/holder/more">
      <ConnectWallets />
    </Screen>
  );
}
