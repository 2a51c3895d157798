import { useQuery } from "@tanstack/react-query";

import { vouchersQuery } from "../api/queries";
import type { Voucher } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { effectFigure, effectWords } from "./effect";
import { Ticket } from "./Ticket";

const DAY = 86_400_000;

/** The window ends before its last moment: midnight belongs to the day after. */
export const lastMoment = (validUntil: string) => Date.parse(validUntil) - 1;

const isUsable = (voucher: Voucher) => voucher.status === "live" && Date.parse(voucher.valid_until) > Date.now();

/** The caller's vouchers: usable ones by expiry, then what is used and past. */
export function VoucherList() {
  const { t } = useWords();
  const { data: vouchers, error, refetch } = useQuery(vouchersQuery);
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (vouchers === undefined) return <Loading />;
  const usable = vouchers
    .filter(isUsable)
    .sort((one, other) => Date.parse(one.valid_until) - Date.parse(other.valid_until));
  const past = vouchers.filter((voucher) => !isUsable(voucher));
  return (
    <>
      {usable.length === 0 && <p className="quiet">{t(past.length > 0 ? "voucher.none_usable" : "voucher.none")}</p>}
      <ul className="tickets">
        {usable.map((voucher) => (
          <li key={voucher.id}>
            <VoucherTicket voucher={voucher} />
          </li>
        ))}
      </ul>
      {past.length > 0 && (
        <details>
          <summary>{t("voucher.past", { count: past.length })}</summary>
          <ul className="tickets">
            {past.map((voucher) => (
              <li key={voucher.id}>
                <VoucherTicket voucher={voucher} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function VoucherTicket({ voucher }: { voucher: Voucher }) {
  const words = useWords();
  const { t, date } = words;
  const { name } = useChainNames();
  const usable = isUsable(voucher);
  return (
    <Ticket figure={effectFigure(voucher.kind, voucher.effect, voucher.currency)} past={!usable}>
      <strong>{effectWords(words, voucher.kind, voucher.effect, voucher.currency)}</strong>
      <span className="row-wrap small">
        <State voucher={voucher} />
        <span className="quiet">{t("voucher.until", { date: date(lastMoment(voucher.valid_until)) })}</span>
      </span>
      {voucher.diverged && <span className="bad small">{t("voucher.diverged")}</span>}
      <details className="small quiet">
        <summary>{t("common.more")}</summary>
        <p>
          {voucher.title} · {name(voucher.chain)}
        </p>
        <p>
          {t("voucher.number")} <CopyText text={voucher.id} label={t("voucher.number")} />
        </p>
      </details>
    </Ticket>
  );
}

function State({ voucher }: { voucher: Voucher }) {
  const { t, date } = useWords();
  if (voucher.status === "redeemed") {
    const saved = voucher.discount ? t("voucher.saved", { amount: currencyText(voucher.discount) }) : t("voucher.redeemed");
    return <span className="chip">{saved}</span>;
  }
  if (voucher.status === "void") return <span className="chip">{t("voucher.void")}</span>;
  const left = Date.parse(voucher.valid_until) - Date.now();
  if (left <= 0) return <span className="chip">{t("voucher.expired")}</span>;
  if (voucher.in_flight) return <span className="chip chip-busy">{t("voucher.in_flight")}</span>;
  if (Date.parse(voucher.valid_from) > Date.now()) {
    return <span className="chip">{t("voucher.not_yet", { date: date(voucher.valid_from) })}</span>;
  }
  if (voucher.finality !== "finalized") return <span className="chip chip-busy">{t("voucher.settling")}</span>;
  const days = Math.floor(left / DAY);
  if (days < 1) return <span className="chip chip-warn">{t("voucher.last_day")}</span>;
  const text = days === 1 ? t("voucher.days_left_one") : t("voucher.days_left", { days });
  return <span className={days < 7 ? "chip chip-warn" : "chip chip-good"}>{text}</span>;
}
