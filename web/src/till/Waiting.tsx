import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { post } from "../api/client";
import { orderQuery, ordersQuery, receiptQuery } from "../api/queries";
import type { OrderProgress } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import { chime, soundIsOn } from "./chime";

interface Props {
  id: string;
  organisation: string;
  onNext: () => void;
}

/** The QR of an order until it is paid or taken back. */
export function Waiting({ id, organisation, onNext }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ ...orderQuery(id, true), refetchIntervalInBackground: true });
  const cancel = useMutation({
    mutationFn: () => post(`/orders/${id}/cancel`, undefined, { organisation }),
    onSettled: () => client.invalidateQueries({ queryKey: orderQuery(id, true).queryKey }),
  });

  const status = data?.order.status;
  const before = useRef(status);
  useEffect(() => {
    if (status === before.current) return;
    if (status === "paid" && before.current !== undefined && soundIsOn()) chime();
    before.current = status;
    void client.invalidateQueries({ queryKey: ordersQuery(organisation).queryKey });
  }, [client, organisation, status]);

  if (data === undefined) return error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />;
  const { order } = data;
  if (order.status === "paid") return <Paid id={id} total={currencyText(order.total)} onNext={onNext} />;
  if (order.status === "cancelled") {
    return (
      <section className="card done">
        <h2>{t("till.cancelled")}</h2>
        <p>{currencyText(order.total)}</p>
        <button type="button" className="button button-large" onClick={onNext}>
          {t("till.next")}
        </button>
      </section>
    );
  }
  const link = `${location.origin}/pay/${id}`;
  return (
    <section className="card waiting" aria-labelledby="scan">
      <h2 id="scan">{t("till.scan")}</h2>
      <p className="pay-total">{currencyText(order.total)}</p>
      {order.status === "open" && (
        <>
          <QrCode text={link} label={`${t("till.scan")}: ${link}`} />
          <div className="field">
            <span>{t("till.link")}</span>
            <CopyText text={link} label={t("till.link")} whole />
          </div>
        </>
      )}
      <Loading text={waitingText(data, t)} />
      {order.failure && order.status === "open" && <p className="notice notice-warn">{t("till.failed")}</p>}
      <ProblemNotice error={error ?? cancel.error} />
      {order.status === "open" && (
        <div className="row">
          <button type="button" className="button button-quiet" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
            {t("till.cancel")}
          </button>
          <button type="button" className="button button-plain" onClick={onNext}>
            {t("till.next")}
          </button>
        </div>
      )}
    </section>
  );
}

function waitingText({ order, payment }: OrderProgress, t: ReturnType<typeof useWords>["t"]): string {
  if (order.status === "open") return t("till.waiting");
  return payment?.finality ? t("till.in_block") : t("till.paying");
}

function Paid({ id, total, onNext }: { id: string; total: string; onNext: () => void }) {
  const { t } = useWords();
  const receipt = useQuery(receiptQuery(id)).data;
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);
  return (
    <section className="card done done-big" role="status">
      <span className="done-mark" aria-hidden="true">
        ✓
      </span>
      <h2>{t("till.paid")}</h2>
      <p className="pay-total" data-testid="till-paid">
        {total}
      </p>
      {receipt?.quote && (
        <p>
          {receipt.quote.discount.minor > 0
            ? t("till.paid_text", {
                paid: currencyText(receipt.quote.remainder),
                discount: currencyText(receipt.quote.discount),
              })
            : t("till.paid_plain", { paid: currencyText(receipt.quote.remainder) })}
        </p>
      )}
      <button ref={next} type="button" className="button button-large" onClick={onNext}>
        {t("till.next")}
      </button>
    </section>
  );
}
