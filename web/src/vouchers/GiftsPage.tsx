import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { put } from "../api/client";
import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMoments } from "./moments";
import { myGiftsQuery } from "./queries";
import type { GiftDelivery } from "./shapes";
import { VoucherTabs } from "./VoucherTabs";

/** Gifts on their way to the holder, or there already. */
export default function GiftsPage() {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(myGiftsQuery);
  return (
    <Screen title={t("mygifts.title")}>
      <VoucherTabs />
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty>{t("mygifts.none")}</Empty>
      ) : (
        <ul className="column">
          {data.map((gift) => (
            <li key={gift.id}>
              <Gift gift={gift} />
            </li>
          ))}
        </ul>
      )}
    </Screen>
  );
}

const CHIPS = {
  backordered: "chip chip-warn",
  due: "chip chip-good",
  shipped: "chip chip-busy",
  delivered: "chip",
  returned: "chip",
} as const;

function Gift({ gift }: { gift: GiftDelivery }) {
  const { t } = useWords();
  const { full } = useMoments();
  const underWay = gift.status === "backordered" || gift.status === "due";
  return (
    <article className="card" aria-label={gift.name}>
      <div className="row-between">
        <h2>
          {gift.name} × {gift.units}
        </h2>
        <span className={CHIPS[gift.status]}>{t(`mygifts.status_${gift.status}`)}</span>
      </div>
      <p className="quiet small">
        {t(`mygifts.${gift.delivery}`)} · {full(gift.updated_at)}
      </p>
      {gift.shipping && <p className="small">{gift.shipping}</p>}
      {gift.delivery === "shipped" && underWay && <Shipping gift={gift} />}
    </article>
  );
}

function Shipping({ gift }: { gift: GiftDelivery }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [address, setAddress] = useState(gift.shipping ?? "");
  const keep = useMutation({
    mutationFn: () => put<GiftDelivery>(`/gifts/deliveries/${gift.id}/shipping`, { shipping: address.trim() }),
    onSuccess: () => client.invalidateQueries({ queryKey: myGiftsQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <details className="small">
      <summary>{t(gift.shipping ? "mygifts.address_change" : "mygifts.address_add")}</summary>
      <form className="form" onSubmit={submit}>
        <Field
          label={t("mygifts.address")}
          hint={t("mygifts.address_hint")}
          value={address}
          required
          autoComplete="street-address"
          onChange={(event) => setAddress(event.target.value)}
        />
        <ProblemNotice error={keep.error} />
        <button className="button button-quiet" disabled={keep.isPending}>
          {t("mygifts.save")}
        </button>
      </form>
    </details>
  );
}
