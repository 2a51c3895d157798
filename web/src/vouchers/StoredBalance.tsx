import { useQuery } from "@tanstack/react-query";

import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { worthQuery } from "./queries";

/** What is left on a stored-value voucher; those of one campaign in one account are told together. */
export function StoredBalance({ voucher }: { voucher: Voucher }) {
  const { t } = useWords();
  const { data, error } = useQuery(worthQuery);
  const held = data?.items.find((item) => item.right?.reference === voucher.campaign && item.account === voucher.holder);
  if (error) return null;
  if (data === undefined) return <Loading />;
  if (!held?.right?.in_shop) return null;
  const { count, in_shop: left } = held.right;
  return (
    <p className="card stored" role="status">
      <span className="quiet">{t(count === 1 ? "voucher.left" : "voucher.left_together", { count })}</span>
      <strong className="pay-total">{currencyText(left)}</strong>
    </p>
  );
}
