import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { useMoments } from "./moments";
import { redemptionQuery } from "./queries";
import { Refunds } from "./Refunds";

/** What became of a used voucher: its payment, a refund, an objection. */
export function UsedVoucher({ voucher, redemption }: { voucher: Voucher; redemption: string }) {
  const { t } = useWords();
  const { full } = useMoments();
  const { data, error } = useQuery(redemptionQuery(redemption));
  return (
    <section className="card" aria-labelledby="voucher-used">
      <h2 id="voucher-used">
        {voucher.redeemed_at ? t("voucher.used_on", { moment: full(voucher.redeemed_at) }) : t("voucher.redeemed")}
      </h2>
      {data ? (
        <>
          <div className="row">
            <Link to={`/pay/${data.order}`} className="button button-quiet">
              {t("voucher.to_receipt")}
            </Link>
            {data.dispute === null && (
              <Link
                to={`/support/new?${new URLSearchParams({ about: "redemption", subject: redemption, title: voucher.title })}`}
                className="button button-plain"
              >
                {t("voucher.dispute")}
              </Link>
            )}
          </div>
          {data.dispute && <p className="chip">{t(`mycase.dispute`)}</p>}
          <Refunds order={data.order} />
        </>
      ) : error ? null : (
        <Loading />
      )}
    </section>
  );
}
