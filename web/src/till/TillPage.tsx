import { useState } from "react";

import { useWords } from "../i18n/language";
import { OrganisationChoice } from "../merchant/OrganisationChoice";
import { useOrganisation } from "../merchant/useOrganisation";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import { Charge } from "./Charge";
import { Today } from "./Today";
import { Waiting } from "./Waiting";
import { setSound, soundIsOn } from "./chime";

export function TillPage() {
  const { t } = useWords();
  const me = useMe();
  const { organisations, organisation, choose, error, refetch } = useOrganisation(["owner", "manager", "cashier"]);
  const [order, setOrder] = useState<string | null>(null);
  const [sound, chooseSound] = useState(soundIsOn);

  if (error && !organisations) {
    return (
      <main className="page page-narrow">
        <ProblemNotice error={error} again={() => void refetch()} />
      </main>
    );
  }
  return (
    <main className="page">
      <div className="row-between">
        <h1>{t("till.title")}</h1>
        <div className="row">
          <label className="check small">
            <input
              type="checkbox"
              checked={sound}
              onChange={(event) => {
                setSound(event.target.checked);
                chooseSound(event.target.checked);
              }}
            />
            {t("till.sound")}
          </label>
          {organisation && organisations && (
            <OrganisationChoice organisations={organisations} organisation={organisation} onChoose={choose} />
          )}
        </div>
      </div>
      {organisations === undefined ? (
        <Loading />
      ) : organisation === undefined ? (
        <p className="notice">{t("till.no_shop", { email: me.person.email ?? me.person.display_name })}</p>
      ) : (
        <div className="columns">
          <div className="column">
            {order === null ? (
              <Charge organisation={organisation.id} onCharged={setOrder} />
            ) : (
              <Waiting key={order} id={order} organisation={organisation.id} onNext={() => setOrder(null)} />
            )}
          </div>
          <div className="column">
            <Today organisation={organisation.id} onShow={setOrder} />
          </div>
        </div>
      )}
    </main>
  );
}
