import { Link } from "react-router";

import type { TextName } from "../i18n/dictionary";
import { useWords } from "../i18n/language";
import { RightIcon } from "./icons";
import { Screen } from "./Screen";

type Line = readonly [to: string, name: TextName, hint: TextName];

const PARTS: readonly (readonly [TextName, readonly Line[]])[] = [
  [
    "more.money",
    [
      ["/holder/spending", "more.spending", "more.spending_hint"],
      ["/holder/contacts", "more.contacts", "more.contacts_hint"],
      ["/holder/notifications", "more.notifications", "more.notifications_hint"],
    ],
  ],
  [
    "more.safety",
    [
      ["/safety", "more.devices", "more.devices_hint"],
      ["/holder/limits", "more.limits", "more.limits_hint"],
      ["/holder/approvals", "more.approvals", "more.approvals_hint"],
    ],
  ],
  [
    "more.account",
    [
      ["/holder/wallets/new", "more.import", "more.import_hint"],
      ["/holder/connect", "more.connect", "more.connect_hint"],
      ["/holder/help", "more.help", "more.help_hint"],
    ],
  ],
];

export default function MorePage() {
  const { t } = useWords();
  return (
    <Screen title={t("more.title")}>
      {PARTS.map(([title, lines]) => (
        <section key={title} className="group" aria-labelledby={title}>
          <h2 id={title}>{t(title)}</h2>
          <ul className="card rows">
            {lines.map(([to, name, hint]) => (
              <li key={to}>
                <Link to={to} className="line">
                  <span className="line-text">
                    <strong>{t(name)}</strong>
                    <span className="quiet small">{t(hint)}</span>
                  </span>
                  <RightIcon />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Screen>
  );
}
