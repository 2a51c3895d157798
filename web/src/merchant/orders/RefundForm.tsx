import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import type { Receipt } from "../../api/types";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { refundsQuery, rulesQuery } from "../queries";
import type { Refund } from "../shapes";
import { useShop } from "../shop";
import { goesBack, paidLines } from "./refund";

/** Everything, whole lines or single units; what goes back is told before. */
export function RefundForm({ receipt, refunds }: { receipt: Receipt; refunds: readonly Refund[] }) {
  const { t, maybe } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const { order } = receipt;
  const lines = paidLines(receipt, refunds);
  const [counts, setCounts] = useState<Readonly<Record<number, number>>>({});
  const [reason, setReason] = useState("");
  const [asks, setAsks] = useState(false);
  const used = receipt.quote?.used ?? [];
  const rules = useQueries({ queries: [...new Set(used.map((one) => one.voucher.slice(0, 48)))].map(rulesQuery) });
  const policies = [...new Set(rules.flatMap((answer) => (answer.data ? [answer.data.refund.policy] : [])))];

  const left = lines.map((line) => line.quantity - line.returned);
  const returning = lines.map((_, place) => Math.min(counts[place] ?? 0, left[place] ?? 0));
  const units = returning.reduce((sum, count) => sum + count, 0);
  const isAll = returning.every((count, place) => count === left[place]);
  const refunded = refunds.reduce((sum, refund) => sum + refund.amount.minor, 0);
  const amount = goesBack(lines, returning, refunded);
  // A voucher that reckons again what is kept makes a part of the order give back less than its share.
  const atMost = !isAll && policies.some((policy) => policy !== "keep");

  const refund = useMutation({
    mutationFn: () => post<Refund>(`/orders/${order.id}/refund`, { returned: isAll ? null : returning, reason: reason.trim() || null }, { organisation: shop.id, act: "refund" }),
    onSuccess: () => {
      setCounts({});
      setReason("");
      setAsks(false);
    },
    onSettled: () => client.invalidateQueries({ queryKey: refundsQuery(order.id).queryKey }),
  });
  if (left.every((count) => count === 0)) return null;
  const set = (place: number, count: number) => setCounts({ ...counts, [place]: Math.max(0, Math.min(count, left[place] ?? 0)) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (units > 0) setAsks(true);
  };
  const shown = currencyText({ minor: amount, currency: order.currency });
  return (
    <form className="card form" onSubmit={submit} aria-labelledby="refund">
      <div className="row-between">
        <h2 id="refund">{t("refund.title")}</h2>
        <button type="button" className="button button-quiet button-small" onClick={() => setCounts(Object.fromEntries(left.entries()))}>
          {t("refund.all")}
        </button>
      </div>
      <ul className="plain">
        {lines.map((line, place) => (
          <li key={place} className="refund-line">
            <span>
              {line.name}
              {line.returned > 0 && <small className="quiet block">{t("refund.returned", { count: line.returned })}</small>}
            </span>
            <span className="stepper-count">
              <button type="button" aria-label={t("refund.less", { name: line.name })} disabled={returning[place] === 0} onClick={() => set(place, (returning[place] ?? 0) - 1)}>
                −
              </button>
              <output className="figures" aria-label={t("refund.count", { name: line.name })}>
                {returning[place]} / {left[place]}
              </output>
              <button type="button" aria-label={t("refund.more", { name: line.name })} disabled={returning[place] === left[place]} onClick={() => set(place, (returning[place] ?? 0) + 1)}>
                +
              </button>
            </span>
          </li>
        ))}
      </ul>
      <Field label={t("common.optional_of", { name: t("refund.reason") })} value={reason} maxLength={120} onChange={(event) => setReason(event.target.value)} />
      <div className="sum-line" aria-live="polite">
        <span>{atMost ? t("refund.at_most") : t("refund.goes_back")}</span>
        <strong className="figures" data-testid="refund-amount">
          {shown}
        </strong>
      </div>
      {used.length > 0 && units > 0 && (
        <p className="quiet small">{policies.map((policy) => maybe(`refund_policy.${policy}`, policy)).join(" ")}</p>
      )}
      <button className="button button-danger" disabled={units === 0}>
        {t("refund.submit")}
      </button>
      {asks && (
        <Dialog title={t("refund.ask", { amount: shown })} onClose={() => setAsks(false)}>
          <p>{t("refund.ask_text")}</p>
          <ProblemNotice error={refund.error} />
          <div className="row">
            <button type="button" className="button button-danger" disabled={refund.isPending} onClick={() => refund.mutate()}>
              {refund.isPending ? t("common.working") : t("refund.submit")}
            </button>
            <button type="button" className="button button-quiet" onClick={() => setAsks(false)}>
              {t("common.cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </form>
  );
}
