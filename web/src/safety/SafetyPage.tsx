import { Link } from "react-router";

import { useWords } from "../i18n/language";
import { CheckUpCard } from "./CheckUpCard";
import { Consents } from "./Consents";
import { Devices } from "./Devices";
import { Mailbox } from "./Mailbox";
import { MyData } from "./MyData";
import { Passkeys } from "./Passkeys";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";

export function SafetyPage() {
  const { t } = useWords();
  return (
    <main className="page">
      <h1>{t("safety.title")}</h1>
      <div className="columns columns-even">
        <div className="column">
          <CheckUpCard />
          <Mailbox />
          <Devices />
          <Consents />
        </div>
        <div className="column">
          <SecondFactor />
          <Passkeys />
          <Password />
          <MyData />
          <p>
            <Link to="/privacy">{t("safety.privacy_link")}</Link>
          </p>
        </div>
      </div>
    </main>
  );
}
