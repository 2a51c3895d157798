import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { vouchersQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { useMoments } from "./moments";
import { refundsQuery } from "./queries";
import type { Refund, RefundStep } from "./shapes";

/** What came back of an order: money and vouchers, step by step. Nothing where nothing did. */
export function Refunds({ order }: { order: string }) {
  const { t } = useWords();
  const { data } = useQuery(refundsQuery(order));
  if (!data || data.length === 0) return null;
  return (
    <section className="refunds" aria-label={t("refund.title")}>
      {data.map((refund) => (
        <OneRefund key={refund.id} refund={refund} />
      ))}
    </section>
  );
}

function OneRefund({ refund }: { refund: Refund }) {
  const { t } = useWords();
  const { full } = useMoments();
  const done = refund.status === "done";
  const reissued = refund.steps.flatMap((step) => (step.reissued ? [step.reissued] : []));
  return (
    <article className="refund">
      <div className="row-between">
        <h3>
          {t("refund.title")} · {t(`refund.kind_${refund.kind}`)}
        </h3>
        <span className={done ? "chip chip-good" : "chip chip-busy"}>{t(`refund.status_${refund.status}`)}</span>
      </div>
      <p className="refund-amount" data-testid="refunded">
        {t(done ? "refund.amount_done" : "refund.amount", { amount: currencyText(refund.amount) })}
      </p>
      {refund.gifts_charged_minor > 0 && (
        <p className="quiet small">
          {t("refund.gifts_kept", { amount: currencyText({ minor: refund.gifts_charged_minor, currency: refund.amount.currency }) })}
        </p>
      )}
      {refund.reason && (
        <p className="small">
          {t("refund.reason")}: {refund.reason}
        </p>
      )}
      <ul className="plain small">
        {refund.steps.map((step, place) => (
          <Step key={place} step={step} />
        ))}
      </ul>
      <p className="quiet small">
        {t("refund.when")}: {full(refund.created_at)}
        {refund.ended_at && ` · ${t("refund.ended")}: ${full(refund.ended_at)}`}
      </p>
      {reissued.map((voucher) => (
        <Reissued key={voucher} voucher={voucher} />
      ))}
    </article>
  );
}

function Step({ step }: { step: RefundStep }) {
  const { t } = useWords();
  return (
    <li className="row-between">
      <span className="row-wrap">
        <span className={step.status === "done" ? "good" : "quiet"} aria-hidden="true">
          {step.status === "done" ? "✓" : "…"}
        </span>
        {t(`refund.step_${step.kind}`)}
        {step.status !== "done" && <span className="chip chip-busy">{t(step.status === "owing" ? "refund.status_owing" : "refund.status_pending")}</span>}
      </span>
      {step.tx_hash && <CopyText text={step.tx_hash} label={t("common.transaction")} />}
    </li>
  );
}

/** The new voucher appears among the holder's once the chain has it. */
function Reissued({ voucher }: { voucher: string }) {
  const { t } = useWords();
  const here = useQuery(vouchersQuery).data?.some((found) => found.id === voucher) ?? false;
  return (
    <div className="notice notice-good row-between">
      <span>{t("refund.reissued")}</span>
      {here && <Link to={`/holder/vouchers/${voucher}`}>{t("refund.to_new")}</Link>}
    </div>
  );
}
