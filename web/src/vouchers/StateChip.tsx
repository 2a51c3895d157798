import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { DAY, stateOf } from "./states";

/** Where a voucher stands, in a word or two. */
export function StateChip({ voucher }: { voucher: Voucher }) {
  const { t, date } = useWords();
  switch (stateOf(voucher)) {
    case "used": {
      const saved = voucher.discount ? t("voucher.saved", { amount: currencyText(voucher.discount) }) : t("voucher.redeemed");
      return <span className="chip">{saved}</span>;
    }
    case "void":
      return <span className="chip">{t("voucher.void")}</span>;
    case "expired":
      return <span className="chip">{t("voucher.expired")}</span>;
    case "in_flight":
      return <span className="chip chip-busy">{t("voucher.in_flight")}</span>;
    case "paused":
      return <span className="chip chip-warn">{t("voucher.paused")}</span>;
    case "waiting":
      return <span className="chip">{t("voucher.not_yet", { date: date(voucher.valid_from) })}</span>;
    case "settling":
      return <span className="chip chip-busy">{t("voucher.settling")}</span>;
    case "diverged":
      return <span className="chip chip-bad">{t("act.divergence")}</span>;
    case "soon":
    case "usable":
      return <DaysLeft voucher={voucher} />;
  }
}

function DaysLeft({ voucher }: { voucher: Voucher }) {
  const { t } = useWords();
  const days = Math.floor((Date.parse(voucher.valid_until) - Date.now()) / DAY);
  if (days < 1) return <span className="chip chip-warn">{t("voucher.last_day")}</span>;
  const text = days === 1 ? t("voucher.days_left_one") : t("voucher.days_left", { days });
  return <span className={stateOf(voucher) === "soon" ? "chip chip-warn" : "chip chip-good"}>{text}</span>;
}
