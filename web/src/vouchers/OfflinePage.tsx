import { useState } from "react";

import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { QrCode } from "../parts/QrCode";
import { effectFigure, effectUnit, effectWords } from "./effect";
import { kept, keptCampaign } from "./kept";
import { useMoments } from "./moments";
import { byExpiry, isUsable } from "./states";
import { Ticket } from "./Ticket";

/** Without network nothing can be paid; what this device kept of the vouchers can be shown, each with its code. */
export default function OfflinePage({ again }: { again: () => void }) {
  const { t } = useWords();
  const { full } = useMoments();
  const known = kept();
  const vouchers = (known?.vouchers ?? []).filter((voucher) => isUsable(voucher)).sort(byExpiry);
  return (
    <main className="page page-narrow">
      <h1>{t("voucher.offline_title")}</h1>
      <div className="notice notice-warn" role="status">
        <p>
          {known && vouchers.length > 0 ? t("voucher.offline_text", { moment: full(known.at) }) : t("voucher.offline_none")}
        </p>
        <button type="button" className="button button-quiet" onClick={again}>
          {t("common.again")}
        </button>
      </div>
      <ul className="tickets">
        {vouchers.map((voucher) => (
          <li key={voucher.id}>
            <OfflineVoucher voucher={voucher} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function OfflineVoucher({ voucher }: { voucher: Voucher }) {
  const words = useWords();
  const { t, language } = words;
  const { day } = useMoments();
  const [open, setOpen] = useState(false);
  const told = keptCampaign(voucher.campaign, language);
  return (
    <>
      <Ticket
        figure={effectFigure(voucher.kind, voucher.effect, voucher.currency)}
        unit={effectUnit(words, voucher.kind)}
      >
        <button type="button" className="ticket-link link-plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          {effectWords(words, voucher.kind, voucher.effect, voucher.currency)}
        </button>
        <span className="quiet small ticket-title">
          {voucher.title}
          {told && ` · ${told.organisation}`}
        </span>
        <span className="quiet small">{t("voucher.until", { date: day(voucher.last_day) })}</span>
      </Ticket>
      {open && (
        <section className="card voucher-qr" aria-label={t("voucher.show_qr")}>
          <QrCode text={voucher.id} label={t("voucher.qr_label")} />
          <code>{voucher.id}</code>
          <p className="quiet small">{t("voucher.qr_text")}</p>
          {told && (
            <ul className="dots">
              {told.summary.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  );
}
