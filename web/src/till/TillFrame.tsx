import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, NavLink } from "react-router";

import type { Organisation } from "../api/types";
import { useWords } from "../i18n/language";
import { OrganisationChoice } from "../merchant/OrganisationChoice";
import { Choice } from "../merchant/parts/Choice";
import { storesQuery } from "../merchant/queries";
import { Dialog } from "../parts/Dialog";
import { useSession } from "../session/session";
import { chime } from "./chime";
import { changeTill, useTillSettings } from "./settings";
import { useOtherTab } from "./useOtherTab";
import { useReach } from "./useReach";

interface Props {
  organisations?: readonly Organisation[];
  organisation?: Organisation;
  onChoose?: (id: string) => void;
  children: ReactNode;
}

/** The till's own frame: no header of the site, a way out, and what is wrong with the line. */
export function TillFrame({ organisations, organisation, onChoose, children }: Props) {
  const { t } = useWords();
  const [showsSettings, setShowsSettings] = useState(false);
  const { store } = useTillSettings();
  return (
    <div className="till-frame">
      <header className="till-top">
        <Link to={organisation && organisation.role !== "cashier" ? "/merchant" : "/holder"} className="till-exit" aria-label={t("till.exit")}>
          <span aria-hidden="true">✕</span>
        </Link>
        <h1>
          {t("till.title")}
          {organisation && (
            <small className="quiet">
              {organisation.name}
              {store && <StoreName organisation={organisation.id} code={store} />}
            </small>
          )}
        </h1>
        {organisation ? (
          <button type="button" className="button button-quiet button-small" onClick={() => setShowsSettings(true)}>
            {t("till.settings")}
          </button>
        ) : (
          <SignOut />
        )}
      </header>
      {organisation && <Line organisation={organisation.id} />}
      <main className="till-page">{children}</main>
      {organisation && (
        <nav className="till-tabs" aria-label={t("till.pages")}>
          <NavLink to="/till" end>
            {t("till.charge")}
          </NavLink>
          <NavLink to="/till/today">{t("till.today")}</NavLink>
        </nav>
      )}
      {showsSettings && organisation && organisations && onChoose && (
        <Settings organisations={organisations} organisation={organisation} onChoose={onChoose} onClose={() => setShowsSettings(false)} />
      )}
    </div>
  );
}

function StoreName({ organisation, code }: { organisation: string; code: string }) {
  const known = useQuery(storesQuery(organisation)).data?.find((store) => store.code === code);
  return <> · {known?.name ?? code}</>;
}

function SignOut() {
  const { t } = useWords();
  const { signOut } = useSession();
  return (
    <button type="button" className="button button-quiet button-small" onClick={() => void signOut()}>
      {t("nav.sign_out")}
    </button>
  );
}

/** What the cashier must know of the network and of other tabs. */
function Line({ organisation }: { organisation: string }) {
  const { t } = useWords();
  const reach = useReach(organisation);
  const other = useOtherTab(organisation);
  return (
    <div aria-live="assertive">
      {reach === "gone" && (
        <div className="till-line till-line-bad">
          <strong>
            <span aria-hidden="true">⚠</span> {t("till.gone")}
          </strong>
          <p>{t("till.gone_text")}</p>
        </div>
      )}
      {reach === "back" && (
        <div className="till-line till-line-good">
          <strong>
            <span aria-hidden="true">✓</span> {t("till.back")}
          </strong>
        </div>
      )}
      {other && reach !== "gone" && (
        <div className="till-line">
          <strong>{t("till.other_tab")}</strong>
          <p>{t("till.other_tab_text")}</p>
        </div>
      )}
    </div>
  );
}

function Settings({ organisations, organisation, onChoose, onClose }: Required<Omit<Props, "children">> & { onClose: () => void }) {
  const { t, language, setLanguage } = useWords();
  const settings = useTillSettings();
  const stores = useQuery(storesQuery(organisation.id)).data?.filter((store) => store.open) ?? [];
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <Dialog title={t("till.settings")} onClose={onClose}>
      <div className="form">
        {organisations.length > 1 && <OrganisationChoice organisations={organisations} organisation={organisation} onChoose={onChoose} />}
        <label className="check">
          <input
            type="checkbox"
            checked={settings.sound}
            onChange={(event) => {
              changeTill({ sound: event.target.checked });
              if (event.target.checked) chime("good");
            }}
          />
          {t("till.sound")}
        </label>
        {stores.length > 0 && (
          <Choice
            label={t("till.store")}
            value={stores.some((store) => store.code === settings.store) ? settings.store : ""}
            onChange={(event) => changeTill({ store: event.target.value })}
            options={[["", t("till.no_store")], ...stores.map((store) => [store.code, store.name] as const)]}
          />
        )}
        <Choice
          label={t("till.level")}
          value={settings.level}
          hint={t(`till.level_${settings.level}_means`)}
          onChange={(event) => changeTill({ level: event.target.value as "included" | "finalized" })}
          options={[
            ["finalized", t("till.level_finalized")],
            ["included", t("till.level_included")],
          ]}
        />
        <div className="row">
          <button type="button" className="button button-quiet" lang={other} onClick={() => setLanguage(other)}>
            {t("app.other_language")}
          </button>
          <SignOut />
        </div>
        <button type="button" className="button" onClick={onClose}>
          {t("till.done")}
        </button>
      </div>
    </Dialog>
  );
}
