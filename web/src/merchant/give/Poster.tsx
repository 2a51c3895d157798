import { useEffect, useRef } from "react";
import { createPortal } from "react-dom";

import { useWords } from "../../i18n/language";
import { QrCode } from "../../parts/QrCode";
import "../../style/poster.css";

/** Where a claim is. Behind `#` the code is not sent with the address, and so stands in no log. */
export const CLAIM_PATH = "/claim#";

const MOST_PAGES = 50;

interface Props {
  title: string;
  shop: string;
  codes: readonly string[];
  /** What the customer is told to do, if not to claim. */
  scan?: string;
  /** Unix seconds. */
  until: number;
  onClose: () => void;
}

/** One A4 page for each code, over everything else, to be printed or saved as PDF. */
export function Poster({ title, shop, codes, scan, until, onClose }: Props) {
  const { t, date } = useWords();
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return createPortal(
    <dialog ref={place} className="poster-dialog" aria-label={t("links.poster")} onClose={onClose}>
      <div className="row poster-bar">
        <button type="button" className="button" onClick={() => print()}>
          {t("poster.print")}
        </button>
        <button type="button" className="button button-quiet" onClick={() => place.current?.close()}>
          {t("poster.close")}
        </button>
        {codes.length > MOST_PAGES && <span className="quiet small">{t("poster.most", { count: MOST_PAGES })}</span>}
      </div>
      {codes.slice(0, MOST_PAGES).map((code) => {
        const address = location.origin + CLAIM_PATH + code;
        return (
          <section key={code} className="poster">
            <p className="poster-shop">{shop}</p>
            <h2>{title}</h2>
            <QrCode text={address} label={`${scan ?? t("poster.scan")}: ${address}`} />
            <p className="poster-scan">{scan ?? t("poster.scan")}</p>
            <p className="poster-until">{t("campaign.ends", { date: date(until * 1000 - 1) })}</p>
            <p className="poster-link">{address}</p>
          </section>
        );
      })}
    </dialog>,
    document.body,
  );
}
