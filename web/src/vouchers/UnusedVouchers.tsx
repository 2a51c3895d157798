import { useQuery } from "@tanstack/react-query";

import { vouchersQuery } from "../api/queries";
import type { Quote } from "../api/types";
import { shortId } from "../chains";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";

/** "Why not this one": a plain reason for every voucher, and for points, that the price does not use. */
export function UnusedVouchers({ quote }: { quote: Quote }) {
  const { t, maybe } = useWords();
  const vouchers = useQuery(vouchersQuery).data;
  const count = quote.unused.length + quote.unused_points.length;
  if (count === 0) return null;
  const currency = quote.total.currency;
  const reasonOf = (item: Quote["unused"][number]) =>
    maybe(`reason.${item.reason}`, t("reason.other"), {
      more: currencyText({ minor: item.spend_more ?? 0, currency }),
      give: currencyText({ minor: item.would_give_minor, currency }),
      units: item.units_more ?? 0,
    });
  return (
    <details className="small why-not">
      <summary>{t("pay.why", { count })}</summary>
      <ul className="plain">
        {quote.unused.map((item) => (
          <li key={item.voucher} className="row-between">
            <span>{vouchers?.find((voucher) => voucher.id === item.voucher)?.title ?? shortId(item.voucher)}</span>
            <span className="quiet">{reasonOf(item)}</span>
          </li>
        ))}
        {quote.unused_points.map((item) => (
          <li key={item.programme} className="row-between">
            <span>{t("pay.points_unused")}</span>
            <span className="quiet">{maybe(`reason.${item.reason}`, t("reason.other"))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
