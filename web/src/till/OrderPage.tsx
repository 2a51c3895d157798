import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useNavigate, useParams } from "react-router";

import { post } from "../api/client";
import { orderQuery } from "../api/queries";
import type { OrderProgress } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import { chime } from "./chime";
import { todayQuery } from "./queries";
import { Paid, Taken } from "./Result";
import { ScanCustomer } from "./ScanCustomer";
import { useTillSettings } from "./settings";
import { TenderForm } from "./TenderForm";

/** An order until it is paid or taken back; its address keeps it over a reload and over signing in again. */
export function OrderPage({ organisation }: { organisation: string }) {
  const { order: id = "" } = useParams();
  return <Found key={id} id={id} organisation={organisation} />;
}

function Found({ id, organisation }: { id: string; organisation: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const settings = useTillSettings();
  const { data, error, refetch } = useQuery({ ...orderQuery(id, true), refetchIntervalInBackground: true });
  const cancel = useMutation({
    mutationFn: () => post(`/orders/${id}/cancel`, undefined, { organisation }),
    onSettled: () => client.invalidateQueries({ queryKey: orderQuery(id, true).queryKey }),
  });

  const isPaid = data !== undefined && counts(data, settings.level);
  const status = data?.order.status;
  const failed = status === "open" && data?.order.failure !== null;
  const mood = isPaid ? "good" : failed ? "bad" : "none";
  const before = useRef<string | null>(null);
  const sound = useRef(settings.sound);
  sound.current = settings.sound;
  useEffect(() => {
    if (status === undefined) return;
    // Only what happens while it is looked at is heard: an old order that is opened again is silent.
    if (before.current !== null && mood !== before.current && mood !== "none" && sound.current) chime(mood);
    before.current = mood;
    void client.invalidateQueries({ queryKey: todayQuery(organisation).queryKey });
  }, [client, organisation, mood, status]);

  const next = () => void navigate("/till");
  if (data === undefined) {
    // The frame says it when the line is down.
    return error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />;
  }
  const { order } = data;
  const total = currencyText(order.total);
  if (isPaid) return <Paid progress={data} onNext={next} />;
  if (order.status === "cancelled") return <Taken total={total} onNext={next} />;
  const link = `${location.origin}/pay/${id}`;
  const byHand = order.remainder_by === "recorded";
  const discount = order.status === "pending" ? (data.payment?.redemptions ?? []).reduce((sum, one) => sum + one.discount_minor, 0) : 0;
  const vouchersUsed = byHand && data.payment?.status === "final";
  return (
    <section className="card waiting" aria-labelledby="scan">
      <h2 id="scan">{vouchersUsed ? t("till.take_rest") : t("till.scan")}</h2>
      <p className="pay-total figures">{total}</p>
      {discount > 0 && (
        <p className="good" data-testid="till-discount">
          {t("till.by_voucher", { discount: currencyText({ minor: discount, currency: order.currency }) })}
        </p>
      )}
      {failed && (
        <div className="till-failed" role="status">
          <span aria-hidden="true">✕</span>
          <div>
            <strong>{t("till.not_paid")}</strong>
            <p>{order.failure?.message}</p>
            <p>{t("till.failed")}</p>
          </div>
        </div>
      )}
      {order.status === "open" && (
        <>
          <QrCode text={link} label={`${t("till.scan")}: ${link}`} />
          <CopyText text={link} label={t("till.link")} whole />
          <ScanCustomer order={id} organisation={organisation} />
        </>
      )}
      {byHand && (order.status === "open" || vouchersUsed) && <TenderForm progress={data} organisation={organisation} />}
      {!vouchersUsed && (
        <p className="till-wait" role="status">
          <span className="spinner" aria-hidden="true" />
          {waitingText(data, t)}
        </p>
      )}
      <ProblemNotice error={cancel.error} />
      <div className="row">
        {order.status === "open" && (
          <button type="button" className="button button-quiet" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
            {t("till.cancel")}
          </button>
        )}
        <button type="button" className="button button-plain" onClick={next}>
          {t("till.next")}
        </button>
      </div>
    </section>
  );
}

/** Whether it is paid at the level that this till is set to. */
function counts({ order, payment }: OrderProgress, level: "included" | "finalized"): boolean {
  if (order.status === "paid") return true;
  return level === "included" && order.status === "pending" && order.remainder_by === "onchain" && Boolean(payment?.finality);
}

function waitingText({ order, payment }: OrderProgress, t: ReturnType<typeof useWords>["t"]): string {
  if (order.status === "open") return t("till.waiting");
  return payment?.finality ? t("till.in_block") : t("till.paying");
}
