import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Ask } from "../parts/Ask";
import { TextArea } from "../parts/TextArea";
import { redemptionQuery, refundsQuery } from "../queries";
import type { Dispute, Redemption } from "../shapes";
import { useShop } from "../shop";

const MOST = 120;

/** A contested redemption: the shop ends it with a refund or with its reasons. */
export function DisputeCard({ redemption }: { redemption: Redemption }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [answer, setAnswer] = useState("");
  const { dispute } = redemption;
  const settle = (refund: boolean) =>
    post<Dispute>(`/redemptions/${redemption.id}/dispute/answer`, { answer: answer.trim(), refund }, { organisation: shop.id, act: "dispute" }).finally(() =>
      Promise.all([
        client.invalidateQueries({ queryKey: redemptionQuery(redemption.id).queryKey }),
        client.invalidateQueries({ queryKey: refundsQuery(redemption.order).queryKey }),
        client.invalidateQueries({ queryKey: ["inbox-case", shop.id] }),
      ]),
    );
  if (dispute === null) return null;
  const isOpen = dispute.status === "open";
  return (
    <section className="card notice-card" aria-labelledby={`dispute-${redemption.id}`}>
      <div className="row-between">
        <h2 id={`dispute-${redemption.id}`}>{t("dispute.title")}</h2>
        <span className={isOpen ? "chip chip-warn" : "chip"}>{t(`dispute.${dispute.status}`)}</span>
      </div>
      <blockquote>{dispute.reason}</blockquote>
      <p className="quiet small figures">
        {date(dispute.opened_at)} {time(dispute.opened_at)}
      </p>
      {dispute.answer && (
        <p>
          <strong>{t("dispute.answered")}</strong> {dispute.answer}
        </p>
      )}
      {isOpen && (
        <>
          <p className="quiet small">{t("dispute.text")}</p>
          <TextArea label={t("dispute.answer")} value={answer} maxLength={MOST} rows={2} onChange={(event) => setAnswer(event.target.value)} />
          <div className="row">
            {answer.trim() === "" ? (
              <span className="quiet small">{t("dispute.needs_words")}</span>
            ) : (
              <>
                <Ask name={t("dispute.refund")} title={t("dispute.refund_title")} act={() => settle(true)} className="button">
                  <p>{t("dispute.refund_text")}</p>
                </Ask>
                <Ask name={t("dispute.refuse")} title={t("dispute.refuse_title")} act={() => settle(false)} className="button button-quiet">
                  <p>{t("dispute.refuse_text")}</p>
                </Ask>
              </>
            )}
          </div>
        </>
      )}
    </section>
  );
}
