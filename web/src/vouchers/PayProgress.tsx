import type { Payment } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Steps } from "../parts/Steps";
import { useNow } from "./useNow";

/** After so long the page says that the chain is slow, and that nobody should pay twice. */
const SLOW = 30_000;

/** How many of the four steps are behind the payment. */
export function stepsDone(payment: Payment | null): number {
  if (payment === null || payment.tx_hash === null) return 1;
  if (payment.status === "final" || payment.finality === "finalized") return 4;
  return payment.finality === null ? 2 : 3;
}

export function PayProgress({ payment }: { payment: Payment | null }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const now = useNow(5000);
  const slow = payment !== null && now - Date.parse(payment.created_at) > SLOW;
  return (
    <div aria-live="polite">
      <h2>{t("pay.progress")}</h2>
      <Steps
        names={[t("pay.step_signed"), t("pay.step_sent"), t("pay.step_included"), t("pay.step_final")]}
        done={stepsDone(payment)}
      />
      {payment && (
        <Facts
          rows={[
            [t("common.chain"), name(payment.chain)],
            [t("common.transaction"), payment.tx_hash && <CopyText text={payment.tx_hash} label={t("common.transaction")} />],
            [t("common.block"), payment.height],
          ]}
        />
      )}
      {slow && <p className="notice notice-warn">{t("pay.slow")}</p>}
      <p className="quiet small">{t("pay.keep")}</p>
    </div>
  );
}
