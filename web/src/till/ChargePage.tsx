import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { post } from "../api/client";
import type { Order } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText, parseMinor } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { AmountPad } from "./AmountPad";
import { Basket, linesOf, useBasket } from "./Basket";
import { todayQuery } from "./queries";
import { changeTill, useTillSettings } from "./settings";

const CURRENCY = "CNY";

/** An amount or a basket becomes an order. */
export function ChargePage({ organisation }: { organisation: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { store } = useTillSettings();
  const [way, setWay] = useState<"amount" | "basket">("amount");
  const [amount, setAmount] = useState("");
  const [reference, setReference] = useState("");
  const [byHand, setByHand] = useState(false);
  const basket = useBasket(organisation);

  const typed = parseMinor(amount);
  const lines =
    way === "basket" ? linesOf(basket.items) : typed === null ? [] : [{ sku: "counter", name: t("till.line"), quantity: 1, unit_price_minor: typed }];
  const minor = lines.reduce((sum, line) => sum + line.unit_price_minor * line.quantity, 0);

  const charge = useMutation({
    // Asked at once also where the browser believes that there is no network: what is safe to do is said, not guessed.
    networkMode: "always",
    mutationFn: () => {
      const body = { currency: CURRENCY, lines, reference: reference.trim() || null, store: store || null, remainder_by: byHand ? "recorded" : "onchain" };
      return post<Order>("/orders", body, { organisation, act: "charge" });
    },
    onSuccess: async (order) => {
      basket.empty();
      void client.invalidateQueries({ queryKey: todayQuery(organisation).queryKey });
      await navigate(`/till/order/${order.id}`);
    },
    onError: (error) => {
      // A store that was closed meanwhile is forgotten here, so that the next tap goes through.
      if ("code" in error && error.code === "store_unknown") changeTill({ store: "" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (minor > 0 && !charge.isPending) charge.mutate();
  };
  const text = currencyText({ minor, currency: CURRENCY });
  return (
    <form className="till-charge" onSubmit={submit}>
      <div className="ways" role="group" aria-label={t("till.how")}>
        <button type="button" aria-pressed={way === "amount"} onClick={() => setWay("amount")}>
          {t("till.by_amount")}
        </button>
        <button type="button" aria-pressed={way === "basket"} onClick={() => setWay("basket")}>
          {t("till.by_basket")}
          {basket.count > 0 && <span className="chip">{basket.count}</span>}
        </button>
      </div>
      {way === "amount" ? <AmountPad value={amount} onChange={setAmount} /> : <Basket organisation={organisation} basket={basket} />}
      <details className="till-more">
        <summary>{byHand ? t("till.more_hand") : t("till.more")}</summary>
        <div className="form">
          <Field
            label={t("common.optional_of", { name: t("till.reference") })}
            value={reference}
            maxLength={120}
            autoComplete="off"
            onChange={(event) => setReference(event.target.value)}
          />
          <label className="check small">
            <input type="checkbox" checked={byHand} onChange={(event) => setByHand(event.target.checked)} />
            {t("till.by_hand")}
          </label>
        </div>
      </details>
      <ProblemNotice error={charge.error} />
      <button className="button till-go" disabled={minor <= 0 || charge.isPending}>
        {charge.isPending ? t("common.working") : minor <= 0 ? t("till.charge") : t("till.charge_amount", { amount: text })}
      </button>
    </form>
  );
}
