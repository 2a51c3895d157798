import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { orderQuery } from "../api/queries";
import type { OrderProgress } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

const METHODS = ["cash", "card_terminal", "other"] as const;

/** What was taken by hand is entered: attested by the shop, never proved. */
export function TenderForm({ progress, organisation }: { progress: OrderProgress; organisation: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { order, payment } = progress;
  const [method, setMethod] = useState<(typeof METHODS)[number]>("cash");
  const [reference, setReference] = useState("");
  const byVouchers = payment?.status === "final" ? payment.redemptions.reduce((sum, one) => sum + one.discount_minor, 0) : 0;
  const [told, setTold] = useState<number | null>(null);
  const minor = told ?? order.total.minor - byVouchers;
  const enter = useMutation({
    mutationFn: () => post(`/orders/${order.id}/tender`, { method, amount_minor: minor, reference: reference.trim() || null }, { organisation }),
    onError: (error) => {
      // Points pay too, and somebody may just have paid with a voucher: the server knows what is left.
      if (error instanceof Problem && typeof error.facts.expected === "number") setTold(error.facts.expected);
    },
    onSettled: () => client.invalidateQueries({ queryKey: orderQuery(order.id, true).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  const amount = currencyText({ minor, currency: order.currency });
  return (
    <form className="till-tender form" onSubmit={submit} aria-label={t("till.tender")}>
      <p>
        {t("till.tender_take")} <strong className="figures">{amount}</strong>
      </p>
      <div className="ways" role="group" aria-label={t("till.tender")}>
        {METHODS.map((one) => (
          <button key={one} type="button" aria-pressed={method === one} onClick={() => setMethod(one)}>
            {t(`tender.${one}`)}
          </button>
        ))}
      </div>
      {method !== "cash" && (
        <Field label={t("common.optional_of", { name: t("till.slip") })} value={reference} maxLength={120} onChange={(event) => setReference(event.target.value)} />
      )}
      <ProblemNotice error={enter.error} />
      <button className="button till-go" disabled={enter.isPending}>
        {enter.isPending ? t("common.working") : t("till.tender_enter", { amount })}
      </button>
      <p className="quiet small">{t("till.tender_attested")}</p>
    </form>
  );
}
