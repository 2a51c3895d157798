import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, put } from "../../api/client";
import { useWords } from "../../i18n/language";
import { currencyText, parseMinor } from "../../money";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { giftsQuery } from "../queries";
import type { Gift } from "../shapes";
import { useShop } from "../shop";

/** What gift vouchers and points take from. */
export function Gifts() {
  const { t } = useWords();
  const shop = useShop();
  const query = useQuery(giftsQuery(shop.id));
  return (
    <div className="columns columns-even">
      <section className="card" aria-labelledby="gifts">
        <h2 id="gifts">{t("goods.gifts")}</h2>
        <Listed query={query} empty={t("gift.none")}>
          {(gifts) => (
            <ul className="rows">
              {gifts.map((gift) => (
                <li key={gift.sku}>
                  <GiftRow gift={gift} />
                </li>
              ))}
            </ul>
          )}
        </Listed>
      </section>
      <NewGift />
    </div>
  );
}

function GiftRow({ gift }: { gift: Gift }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const units = /^[-−]?[1-9]\d{0,6}$/.test(text.trim()) ? Number(text.trim().replace("−", "-")) : null;
  const change = useMutation({
    mutationFn: () => post<Gift>(`/gifts/${encodeURIComponent(gift.sku)}/stock`, { units }, { organisation: shop.id, act: "stock" }),
    onSuccess: () => setText(""),
    onSettled: () => client.invalidateQueries({ queryKey: giftsQuery(shop.id).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (units !== null) change.mutate();
  };
  return (
    <>
      <div className="row-between">
        <span>
          <strong>{gift.name}</strong> <span className="quiet small">{gift.sku}</span>
          <small className="quiet block">
            {currencyText(gift.unit_price)}
            {gift.points_price !== null && ` · ${t("gift.for_points", { points: gift.points_price })}`}
          </small>
        </span>
        <span className="row">
          {!gift.offered && <span className="chip">{t("goods.withdrawn")}</span>}
          <span className={gift.available > 0 ? "chip chip-good" : "chip chip-bad"}>{t("gift.available", { count: gift.available })}</span>
          {gift.reserved > 0 && <span className="quiet small">{t("gift.reserved", { count: gift.reserved })}</span>}
        </span>
      </div>
      <form className="row row-end" onSubmit={submit}>
        <Field
          label={t("gift.change_of", { name: gift.name })}
          inputMode="numeric"
          autoComplete="off"
          placeholder="+10"
          value={text}
          error={wordsAt(change.error, "units")}
          onChange={(event) => setText(event.target.value.replace(/^\+/, ""))}
        />
        <button className="button button-quiet" disabled={units === null || change.isPending}>
          {t("gift.change")}
        </button>
      </form>
      {!wordsAt(change.error, "units") && <ProblemNotice error={change.error} />}
    </>
  );
}

const NEW = { sku: "", name: "", price: "", stock: "" };

function NewGift() {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [typed, setTyped] = useState(NEW);
  const price = parseMinor(typed.price);
  const stock = /^\d{1,7}$/.test(typed.stock.trim()) ? Number(typed.stock) : null;
  const add = useMutation({
    mutationFn: async () => {
      const path = `/gifts/${encodeURIComponent(typed.sku.trim())}`;
      await put<Gift>(path, { name: typed.name.trim(), currency: "CNY", unit_price_minor: price }, { organisation: shop.id });
      if (stock) await post<Gift>(`${path}/stock`, { units: stock }, { organisation: shop.id, act: "stock" });
    },
    onSuccess: () => setTyped(NEW),
    onSettled: () => client.invalidateQueries({ queryKey: giftsQuery(shop.id).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (price !== null && stock !== null) add.mutate();
  };
  const set = (part: Partial<typeof NEW>) => setTyped({ ...typed, ...part });
  return (
    <form className="card form" onSubmit={submit} aria-labelledby="new-gift">
      <h2 id="new-gift">{t("gift.new")}</h2>
      <p className="quiet small">{t("gift.new_text")}</p>
      <div className="pair">
        <Field label={t("gift.name")} value={typed.name} required maxLength={120} error={wordsAt(add.error, "name")} onChange={(event) => set({ name: event.target.value })} />
        <Field label={t("gift.sku")} value={typed.sku} required maxLength={60} hint={t("gift.sku_hint")} onChange={(event) => set({ sku: event.target.value })} />
        <Field
          label={t("gift.price")}
          before="¥"
          inputMode="decimal"
          value={typed.price}
          required
          error={typed.price !== "" && price === null ? t("launch.bad_money") : wordsAt(add.error, "unit_price_minor")}
          onChange={(event) => set({ price: event.target.value })}
        />
        <Field
          label={t("gift.stock")}
          inputMode="numeric"
          value={typed.stock}
          required
          error={typed.stock !== "" && stock === null ? t("launch.bad_whole") : null}
          onChange={(event) => set({ stock: event.target.value })}
        />
      </div>
      {!wordsAt(add.error, "name", "unit_price_minor") && <ProblemNotice error={add.error} />}
      <button className="button" disabled={price === null || stock === null || add.isPending}>
        {add.isPending ? t("common.working") : t("gift.add")}
      </button>
    </form>
  );
}
