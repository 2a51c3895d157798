import { useMutation, type UseQueryResult } from "@tanstack/react-query";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { CopyText } from "../../parts/CopyText";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Listed } from "../parts/Listed";
import type { Refund } from "../shapes";
import { useShop } from "../shop";
import { REFUND_CHIPS, STEP_CHIPS } from "./chips";

/** What was given back, and how far it is. */
export function Refunds({ query }: { query: UseQueryResult<Refund[]> }) {
  const { t } = useWords();
  return (
    <section className="card" aria-labelledby="refunds">
      <h2 id="refunds">{t("refund.list")}</h2>
      <Listed query={query} empty={t("refund.none")}>
        {(refunds) => refunds.map((refund) => <One key={refund.id} refund={refund} again={() => void query.refetch()} />)}
      </Listed>
    </section>
  );
}

function One({ refund, again }: { refund: Refund; again: () => void }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const retry = useMutation({
    mutationFn: () => post(`/refunds/${refund.id}/retry`, undefined, { organisation: shop.id }),
    onSettled: again,
  });
  return (
    <article className="refund" aria-label={t("refund.number", { number: refund.number })}>
      <div className="row-between">
        <strong className="figures">{currencyText(refund.amount)}</strong>
        <span className="row">
          <span className="quiet small figures">
            {date(refund.created_at)} {time(refund.created_at)}
          </span>
          <span className={REFUND_CHIPS[refund.status]}>{t(`refund.${refund.status}`)}</span>
        </span>
      </div>
      {refund.reason && <p className="small">{refund.reason}</p>}
      <ul className="plain small">
        {refund.steps.map((step, place) => (
          <li key={place}>
            <span className="row-between">
              <span>{t(`refund.step_${step.kind}`)}</span>
              <span className={STEP_CHIPS[step.status]}>{t(`refund.step_${step.status}`)}</span>
            </span>
            {step.failure && <p className="bad">{step.failure.message}</p>}
            {step.tx_hash && <CopyText text={step.tx_hash} label={t("common.transaction")} />}
            {step.reissued && (
              <p className="quiet">
                {t("refund.reissued")} <CopyText text={step.reissued} label={t("receipt.voucher")} />
              </p>
            )}
          </li>
        ))}
      </ul>
      {refund.status === "owing" && (
        <>
          <p className="notice notice-warn small">{t("refund.owing_text")}</p>
          <button type="button" className="button button-quiet button-small" disabled={retry.isPending} onClick={() => retry.mutate()}>
            {t("refund.retry")}
          </button>
        </>
      )}
      <ProblemNotice error={retry.error} />
    </article>
  );
}
