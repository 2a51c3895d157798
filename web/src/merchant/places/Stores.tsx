import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { put } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { storesQuery } from "../queries";
import type { Store } from "../shapes";
import { useShop, ZONE } from "../shop";

const NEW = { code: "", name: "", address: "", zone: ZONE, open: true };
const FIELDS = ["name", "address", "zone"] as const;

/** The places where the shop sells; a store's code never changes. */
export function Stores() {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const query = useQuery(storesQuery(shop.id));
  const [typed, setTyped] = useState(NEW);
  const [isKnown, setKnown] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: typed.name.trim(), address: typed.address.trim() || null, zone: typed.zone.trim(), open: typed.open };
      return put<Store>(`/organisations/${shop.id}/stores/${encodeURIComponent(typed.code.trim())}`, body);
    },
    onSuccess: () => {
      setTyped(NEW);
      setKnown(false);
      return client.invalidateQueries({ queryKey: storesQuery(shop.id).queryKey });
    },
  });
  const edit = (store: Store) => {
    setTyped({ ...store, address: store.address ?? "" });
    setKnown(true);
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="card" aria-labelledby="stores">
      <h2 id="stores">{t("stores.title")}</h2>
      <Listed query={query} empty={t("stores.none")}>
        {(stores) => (
          <ul className="rows">
            {stores.map((store) => (
              <li key={store.code} className="row-between">
                <span>
                  <strong>{store.name}</strong> <span className="quiet small">{store.code}</span>
                  <small className="quiet block">{[store.address, store.zone].filter(Boolean).join(" · ")}</small>
                </span>
                <span className="row">
                  {!store.open && <span className="chip">{t("stores.closed")}</span>}
                  <button type="button" className="button button-quiet button-small" onClick={() => edit(store)}>
                    {t("shop.change")}
                  </button>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Listed>
      <form className="form form-new" onSubmit={submit} aria-label={isKnown ? t("stores.change") : t("stores.new")}>
        <h3>{isKnown ? t("stores.change") : t("stores.new")}</h3>
        <div className="pair">
          <Field
            label={t("stores.code")}
            value={typed.code}
            required
            readOnly={isKnown}
            maxLength={60}
            hint={t("stores.code_hint")}
            onChange={(event) => setTyped({ ...typed, code: event.target.value })}
          />
          <Field label={t("stores.name")} value={typed.name} required maxLength={120} error={wordsAt(save.error, "name")} onChange={(event) => setTyped({ ...typed, name: event.target.value })} />
          <Field
            label={t("common.optional_of", { name: t("stores.address") })}
            value={typed.address}
            maxLength={300}
            error={wordsAt(save.error, "address")}
            onChange={(event) => setTyped({ ...typed, address: event.target.value })}
          />
          <Field label={t("stores.zone")} list="zones" autoComplete="off" value={typed.zone} required maxLength={64} error={wordsAt(save.error, "zone")} onChange={(event) => setTyped({ ...typed, zone: event.target.value })} />
        </div>
        <datalist id="zones">
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <label className="check small">
          <input type="checkbox" checked={typed.open} onChange={(event) => setTyped({ ...typed, open: event.target.checked })} />
          {t("stores.open")}
        </label>
        {!wordsAt(save.error, ...FIELDS) && <ProblemNotice error={save.error} />}
        <div className="row">
          <button className="button" disabled={save.isPending}>
            {save.isPending ? t("common.working") : t("shop.save")}
          </button>
          {isKnown && (
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setTyped(NEW);
                setKnown(false);
              }}
            >
              {t("common.cancel")}
            </button>
          )}
        </div>
      </form>
    </section>
  );
}
