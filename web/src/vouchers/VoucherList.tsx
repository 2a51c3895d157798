import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { byExpiry, isUsable } from "./states";
import { useVouchers } from "./useVouchers";
import { VoucherCard } from "./VoucherCard";

/** The caller's usable vouchers by expiry, the first ones where `most` is given; for the home screen. */
export function VoucherList({ most }: { most?: number }) {
  const { t } = useWords();
  const { vouchers, error, again } = useVouchers();
  if (error) return <ProblemNotice error={error} again={again} />;
  if (vouchers === undefined) return <Loading />;
  const usable = vouchers.filter((voucher) => isUsable(voucher)).sort(byExpiry);
  if (usable.length === 0) return <p className="quiet">{t(vouchers.length > 0 ? "voucher.none_usable" : "voucher.none")}</p>;
  return (
    <ul className="tickets">
      {usable.slice(0, most).map((voucher) => (
        <li key={voucher.id}>
          <VoucherCard voucher={voucher} />
        </li>
      ))}
    </ul>
  );
}
