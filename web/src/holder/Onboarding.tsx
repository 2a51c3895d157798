import { useState } from "react";

import { useWords } from "../i18n/language";
import { ConnectWallets } from "./ConnectWallets";
import { ImportWords } from "./ImportWords";
import { WalletSetup } from "./WalletSetup";

type Way = "new" | "words" | "extension";

/** Into a wallet: a new one, one whose words the person has, or one that stays in an extension. */
export function Onboarding({ onDone }: { onDone: () => void }) {
  const { t } = useWords();
  const [way, setWay] = useState<Way>("new");
  const [begun, setBegun] = useState(false);
  const others = (["new", "words", "extension"] as const).filter((other) => other !== way);
  const names = { new: t("wallet.by_new"), words: t("wallet.by_words"), extension: t("wallet.by_extension") };
  return (
    <>
      {way === "new" && <WalletSetup onDone={onDone} onBegun={() => setBegun(true)} />}
      {way === "words" && <ImportWords onDone={onDone} />}
      {way === "extension" && <ConnectWallets onDone={onDone} />}
      {!begun && (
        <section className="other-ways" aria-labelledby="other-ways">
          <h2 id="other-ways" className="quiet small">
            {way === "new" ? t("wallet.other_ways") : t("wallet.another_way")}
          </h2>
          {others.map((other) => (
            <button key={other} type="button" className="button button-quiet" onClick={() => setWay(other)}>
              {names[other]}
            </button>
          ))}
        </section>
      )}
    </>
  );
}
