import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { post } from "../api/client";
import { useWords } from "../i18n/language";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { myGiftsQuery, offeredGiftsQuery, pointsQuery } from "./queries";
import type { GiftDelivery, OfferedGift, Points } from "./shapes";

/** What a shop gives for points, with what is left of it. */
export function OfferedGifts({ points }: { points: Points }) {
  const { t, language } = useWords();
  const { data, error } = useQuery(offeredGiftsQuery(points.shop));
  const [wanted, setWanted] = useState<OfferedGift | null>(null);
  const number = new Intl.NumberFormat(language);
  if (error) return null;
  if (data === undefined) return <Loading />;
  const gifts = data.filter((gift) => gift.programme === points.programme);
  return (
    <>
      <h3>{t("mypoints.gifts")}</h3>
      {gifts.length === 0 && <p className="quiet small">{t("mypoints.gifts_none")}</p>}
      <ul className="gifts">
        {gifts.map((gift) => {
          const missing = gift.points_price - points.available;
          return (
            <li key={gift.sku} className="gift">
              <span className="gift-text">
                <strong>{gift.name}</strong>
                <span className="quiet small">
                  {t("mygifts.price", { points: number.format(gift.points_price) })} ·{" "}
                  {gift.available > 0 ? t("mygifts.stock", { count: number.format(gift.available) }) : t("mygifts.gone")}
                </span>
              </span>
              {missing > 0 ? (
                <span className="quiet small">{t("mygifts.missing", { points: number.format(missing) })}</span>
              ) : (
                <button type="button" className="button button-quiet" disabled={gift.available === 0} onClick={() => setWanted(gift)}>
                  {t("mygifts.take")}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {wanted && <TakeGift gift={wanted} shop={points.shop} onClose={() => setWanted(null)} />}
    </>
  );
}

function TakeGift({ gift, shop, onClose }: { gift: OfferedGift; shop: string; onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const how = useId();
  const [delivery, setDelivery] = useState<"pickup" | "shipped">("pickup");
  const [shipping, setShipping] = useState("");
  const take = useMutation({
    mutationFn: () => {
      const address = delivery === "shipped" ? { shipping: shipping.trim() } : {};
      return post<GiftDelivery>("/gifts/take", { shop, sku: gift.sku, delivery, ...address }, { act: "take" });
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: pointsQuery.queryKey });
      await client.invalidateQueries({ queryKey: offeredGiftsQuery(shop).queryKey });
      await client.invalidateQueries({ queryKey: myGiftsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take.mutate();
  };
  return (
    <Dialog title={t("mygifts.take_title", { name: gift.name, points: gift.points_price })} onClose={onClose}>
      {take.data ? (
        <>
          <p className="good" role="status">
            {t("mygifts.taken")}
          </p>
          <button type="button" className="button" onClick={onClose}>
            {t("share.close")}
          </button>
        </>
      ) : (
        <form className="form" onSubmit={submit}>
          <div className="field">
            <label htmlFor={how}>{t("mygifts.how")}</label>
            <select id={how} value={delivery} onChange={(event) => setDelivery(event.target.value as "pickup" | "shipped")}>
              <option value="pickup">{t("mygifts.pickup")}</option>
              <option value="shipped">{t("mygifts.shipped")}</option>
            </select>
          </div>
          {delivery === "shipped" && (
            <Field
              label={t("mygifts.address")}
              hint={t("mygifts.address_hint")}
              value={shipping}
              required
              autoComplete="street-address"
              onChange={(event) => setShipping(event.target.value)}
            />
          )}
          <ProblemNotice error={take.error} />
          <div className="row">
            <button className="button" disabled={take.isPending}>
              {take.isPending ? t("common.working") : t("mygifts.take")}
            </button>
            <button type="button" className="button button-quiet" onClick={onClose}>
              {t("common.cancel")}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
