import { Link } from "react-router";

import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { effectFigure, effectUnit, effectWords } from "./effect";
import { useMoments } from "./moments";
import { StateChip } from "./StateChip";
import { isUsable, stateOf } from "./states";
import { Ticket } from "./Ticket";

/** A voucher in a list: all of it leads to its page. */
export function VoucherCard({ voucher }: { voucher: Voucher }) {
  const words = useWords();
  const { t } = words;
  const { day } = useMoments();
  return (
    <Ticket
      figure={effectFigure(voucher.kind, voucher.effect, voucher.currency)}
      unit={effectUnit(words, voucher.kind)}
      past={!isUsable(voucher)}
      soon={stateOf(voucher) === "soon"}
    >
      <Link to={`/holder/vouchers/${voucher.id}`} className="ticket-link">
        {effectWords(words, voucher.kind, voucher.effect, voucher.currency)}
      </Link>
      <span className="quiet small ticket-title">{voucher.title}</span>
      <span className="row-wrap small">
        <StateChip voucher={voucher} />
        <span className="quiet">{t("voucher.until", { date: day(voucher.last_day) })}</span>
      </span>
      {voucher.diverged && <span className="bad small">{t("voucher.diverged")}</span>}
    </Ticket>
  );
}
