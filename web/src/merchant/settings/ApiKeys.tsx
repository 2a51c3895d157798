import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, remove } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Ask } from "../parts/Ask";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { apiKeysQuery } from "../queries";
import type { ApiKeyMade, Scope } from "../shapes";
import { useShop } from "../shop";
import { Once } from "./Once";

/** What a shop's own programs need; everything else is for people. */
const RESOURCES = ["orders", "campaigns", "claims", "gifts", "points", "settlements", "redemptions", "organisations", "events"] as const;
const READ_ONLY: readonly string[] = ["redemptions", "organisations", "events"];
const FIRST: readonly Scope[] = ["orders:read", "orders:write"];

export function ApiKeys() {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const found = useQuery(apiKeysQuery);
  const own = found.data?.filter((key) => key.organisation_id === shop.id);
  const [label, setLabel] = useState("");
  const [days, setDays] = useState("90");
  const [scopes, setScopes] = useState<readonly Scope[]>(FIRST);
  const settled = () => client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
  const make = useMutation({
    mutationFn: () => post<ApiKeyMade>("/auth/api-keys", { label: label.trim(), scopes, organisation_id: shop.id, days: Number(days) }),
    onSuccess: () => setLabel(""),
    onSettled: settled,
    gcTime: 0,
  });
  const badDays = !/^[1-9]\d{0,2}$/.test(days.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!badDays) make.mutate();
  };
  const toggle = (scope: Scope, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  return (
    <section className="card" aria-labelledby="keys">
      <h2 id="keys">{t("keys.title")}</h2>
      <p className="quiet small">{t("keys.text")}</p>
      <Listed query={{ ...found, data: own }} empty={t("keys.none")}>
        {(keys) => (
          <ul className="rows">
            {keys.map((key) => (
              <li key={key.id} className="row-between">
                <span>
                  <strong>{key.label}</strong>
                  <small className="quiet block">{key.scopes.join(", ")}</small>
                  <small className="quiet block">
                    {t("keys.until", { date: date(key.expires_at) })} · {key.last_used_at ? t("keys.used", { when: `${date(key.last_used_at)} ${time(key.last_used_at)}` }) : t("keys.never")}
                  </small>
                </span>
                <Ask name={t("keys.end")} title={t("keys.end_title", { label: key.label })} act={() => remove(`/auth/api-keys/${key.id}`).finally(settled)} danger />
              </li>
            ))}
          </ul>
        )}
      </Listed>
      <form className="form form-new" onSubmit={submit} aria-label={t("keys.new")}>
        <h3>{t("keys.new")}</h3>
        <div className="pair">
          <Field label={t("keys.label")} value={label} required maxLength={120} error={wordsAt(make.error, "label")} onChange={(event) => setLabel(event.target.value)} />
          <Field
            label={t("keys.days")}
            inputMode="numeric"
            value={days}
            error={badDays ? t("launch.bad_whole") : wordsAt(make.error, "days")}
            onChange={(event) => setDays(event.target.value)}
          />
        </div>
        <fieldset>
          <legend>{t("keys.scopes")}</legend>
          <div className="checks">
            {RESOURCES.flatMap((resource) =>
              (READ_ONLY.includes(resource) ? (["read"] as const) : (["read", "write"] as const)).map((act) => {
                const scope = `${resource}:${act}` as Scope;
                return (
                  <label key={scope} className="check small">
                    <input type="checkbox" checked={scopes.includes(scope)} onChange={(event) => toggle(scope, event.target.checked)} />
                    <code>{scope}</code>
                  </label>
                );
              }),
            )}
          </div>
        </fieldset>
        {!wordsAt(make.error, "label", "days") && <ProblemNotice error={make.error} />}
        <button className="button" disabled={scopes.length === 0 || badDays || make.isPending}>
          {t("keys.make")}
        </button>
        {make.data && <Once text={make.data.token} label={make.data.label} />}
      </form>
    </section>
  );
}
