import { useState } from "react";

import type { Chain } from "../../api/types";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ZONE } from "../shop";
import { dayText, type Typed } from "./typed";

interface Props {
  shape: string;
  typed: Typed;
  set: (change: Partial<Typed>) => void;
  wrong: (...fields: readonly string[]) => string | null;
}

/** Until when, how many, and on which chains. */
export function WhenStep({ shape, typed, chains, set, wrong }: Props & { chains: readonly Chain[] }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const wrongCount = wrong("lanes");
  return (
    <>
      <Field
        label={t("launch.until")}
        type="date"
        value={typed.until}
        min={dayText(new Date())}
        hint={t("launch.until_hint", { zone: ZONE })}
        error={wrong("valid_until")}
        onChange={(event) => set({ until: event.target.value })}
      />
      {shape !== "points" && (
        <fieldset>
          <legend>{t("launch.how_many")}</legend>
          <div className="pair">
            {chains.map(({ chain }) => (
              <Field
                key={chain}
                label={name(chain)}
                inputMode="numeric"
                autoComplete="off"
                value={typed.counts[chain] ?? ""}
                error={wrongCount && !/^\d+$/.test(typed.counts[chain] ?? "0") ? wrongCount : null}
                onChange={(event) => set({ counts: { ...typed.counts, [chain]: event.target.value } })}
              />
            ))}
          </div>
          <p className={wrongCount ? "small bad" : "small quiet"} role={wrongCount ? "status" : undefined}>
            {wrongCount ?? t("launch.how_many_hint")}
          </p>
        </fieldset>
      )}
    </>
  );
}

/** How many each customer gets, and the name: proposed, and only asked for where another is wanted. */
export function LimitStep({ shape, typed, title, set, wrong }: Props & { title: string }) {
  const { t } = useWords();
  const [asked, setAsked] = useState(false);
  const isAsked = asked || typed.titleIsOwn || wrong("title") !== null;
  return (
    <>
      {shape !== "points" && (
        <Field
          label={t("common.optional_of", { name: t("campaign.per_holder") })}
          inputMode="numeric"
          autoComplete="off"
          value={typed.perHolder}
          hint={t("launch.per_holder_hint")}
          error={wrong("per_holder")}
          onChange={(event) => set({ perHolder: event.target.value })}
        />
      )}
      {isAsked ? (
        <Field
          label={t("launch.title")}
          value={title}
          maxLength={80}
          autoFocus={asked}
          error={wrong("title")}
          onChange={(event) => set({ title: event.target.value, titleIsOwn: true })}
        />
      ) : (
        <div className="row-between">
          <span>
            <span className="quiet small block">{t("launch.title")}</span>
            <strong>{title}</strong>
          </span>
          <button type="button" className="button button-quiet button-small" onClick={() => setAsked(true)}>
            {t("launch.title_other")}
          </button>
        </div>
      )}
    </>
  );
}
