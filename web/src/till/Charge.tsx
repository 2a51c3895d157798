import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { ordersQuery } from "../api/queries";
import type { Order } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText, parseMinor } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

const CURRENCY = "CNY";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "⌫"] as const;

/** An amount, by keyboard or by its keys, becomes an order. */
export function Charge({ organisation, onCharged }: { organisation: string; onCharged: (order: string) => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [amount, setAmount] = useState("");
  const [reference, setReference] = useState("");
  const minor = parseMinor(amount);
  const malformed = amount !== "" && minor === null && !/^0?[.]?0*$|\.$/.test(amount);

  const charge = useMutation({
    mutationFn: (price: number) => {
      const line = { sku: "counter", name: t("till.line"), quantity: 1, unit_price_minor: price };
      const body = { currency: CURRENCY, lines: [line], reference: reference.trim() || null };
      return post<Order>("/orders", body, { organisation, act: "charge" });
    },
    onSuccess: async (order) => {
      await client.invalidateQueries({ queryKey: ordersQuery(organisation).queryKey });
      onCharged(order.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (minor !== null) charge.mutate(minor);
  };
  const press = (key: string) => setAmount((before) => (key === "⌫" ? before.slice(0, -1) : before + key));

  return (
    <form className="card form till" onSubmit={submit}>
      <div className="till-amount">
        <Field
          label={t("till.amount")}
          before="¥"
          value={amount}
          inputMode="decimal"
          autoComplete="off"
          autoFocus
          placeholder="0.00"
          error={malformed ? t("till.bad_amount") : null}
          onChange={(event) => setAmount(event.target.value)}
        />
      </div>
      <div className="keys">
        {KEYS.map((key) => (
          <button
            key={key}
            type="button"
            className="key"
            aria-label={key === "⌫" ? t("till.key_delete") : undefined}
            onClick={() => press(key)}
          >
            {key}
          </button>
        ))}
      </div>
      <Field
        label={`${t("till.reference")} (${t("common.optional")})`}
        value={reference}
        maxLength={120}
        onChange={(event) => setReference(event.target.value)}
      />
      <ProblemNotice error={charge.error} />
      <button className="button button-large" disabled={minor === null || charge.isPending}>
        {charge.isPending
          ? t("common.working")
          : minor === null
            ? t("till.charge")
            : t("till.charge_amount", { amount: currencyText({ minor, currency: CURRENCY }) })}
      </button>
    </form>
  );
}
