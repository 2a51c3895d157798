import { useQuery } from "@tanstack/react-query";

import { accountsQuery } from "../api/queries";
import type { Quote } from "../api/types";
import { shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";

export interface Choices {
  /** CAIP-10; empty: the best one is chosen. */
  account: string;
  stored: boolean;
  points: boolean;
}

export const ORDINARY: Choices = { account: "", stored: true, points: true };

interface Props {
  quote: Quote;
  choices: Choices;
  onChoose: (choices: Choices) => void;
}

/** From which account, and whether stored value and points are kept for later; asked only where there are some. */
export function PayChoices({ quote, choices, onChoose }: Props) {
  const { t } = useWords();
  const { name } = useChainNames();
  const accounts = useQuery(accountsQuery).data ?? [];
  const hasStored = !choices.stored || quote.used.some((used) => used.kind === "stored_value");
  const hasPoints = !choices.points || quote.points.length > 0;
  return (
    <>
      {hasStored && (
        <label className="check">
          <input
            type="checkbox"
            checked={choices.stored}
            onChange={(event) => onChoose({ ...choices, stored: event.target.checked })}
          />
          {t("pay.use_stored")}
        </label>
      )}
      {hasPoints && (
        <label className="check">
          <input
            type="checkbox"
            checked={choices.points}
            onChange={(event) => onChoose({ ...choices, points: event.target.checked })}
          />
          {t("pay.use_points")}
        </label>
      )}
      <label className="field">
        <span>{t("pay.from")}</span>
        <select value={choices.account} onChange={(event) => onChoose({ ...choices, account: event.target.value })}>
          <option value="">{t("pay.best")}</option>
          {accounts.map((found) => (
            <option key={found.id} value={found.account}>
              {name(found.chain)} · {shortId(found.address)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
