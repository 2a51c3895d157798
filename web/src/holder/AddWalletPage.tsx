import { useState } from "react";
import { useNavigate } from "react-router";

import { useWords } from "../i18n/language";
import { Choice } from "./Choice";
import { ImportWords } from "./ImportWords";
import { Screen } from "./Screen";
import { WalletSetup } from "./WalletSetup";

/** One more wallet. */
export default function AddWalletPage() {
  const { t } = useWords();
  const navigate = useNavigate();
  const [way, setWay] = useState<"words" | "new">("words");
  const done = () => void navigate("/holder");
  return (
    <Screen title={t("more.import")} back="/holder/more">
      <Choice
        label={t("more.import")}
        quietly
        value={way}
        options={[
          ["words", t("wallet.by_words")],
          ["new", t("wallet.by_new")],
        ]}
        onChange={setWay}
      />
      {way === "words" ? <ImportWords onDone={done} /> : <WalletSetup another onDone={done} />}
    </Screen>
  );
}
