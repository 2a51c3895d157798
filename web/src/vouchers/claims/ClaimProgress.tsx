import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";

import { vouchersQuery } from "../../api/queries";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Steps } from "../../parts/Steps";
import { claimQuery, claimsQuery } from "../queries";

/** A claim on its way: set aside, on the chain, in the wallet. */
export function ClaimProgress({ id, onAgain }: { id: string; onAgain: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(claimQuery(id));
  const vouchers = useQuery(vouchersQuery).data;
  const status = data?.status;
  useEffect(() => {
    if (status === "issued") void client.invalidateQueries({ queryKey: vouchersQuery.queryKey });
  }, [client, status]);
  if (error && !data) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const again = () => {
    void client.invalidateQueries({ queryKey: claimsQuery.queryKey });
    onAgain();
  };
  if (data.status === "failed") {
    return (
      <div className="notice notice-bad" role="alert">
        <strong>{t("claimpage.failed", { reason: data.failure?.message ?? "" })}</strong>
        <p>{t("claimpage.failed_text")}</p>
        <button type="button" className="button button-quiet" onClick={again}>
          {t("common.again")}
        </button>
      </div>
    );
  }
  const here = data.voucher !== null && (vouchers?.some((voucher) => voucher.id === data.voucher) ?? false);
  if (data.status === "issued" && here) {
    return (
      <section className="card done" role="status">
        <span className="done-mark" aria-hidden="true">
          ✓
        </span>
        <h2>{t("claimpage.done")}</h2>
        <p>{t("claimpage.done_text")}</p>
        <Link to={`/holder/vouchers/${data.voucher}`} className="button">
          {t("claimpage.see")}
        </Link>
      </section>
    );
  }
  return (
    <section className="card" aria-live="polite">
      <h2>{t("claimpage.progress")}</h2>
      <Steps
        names={[t("claimpage.step_asked"), t("claimpage.step_chain"), t("claimpage.step_wallet")]}
        done={data.status === "issued" ? 2 : 1}
      />
      <p className="quiet small">{t("claimpage.keep")}</p>
    </section>
  );
}
