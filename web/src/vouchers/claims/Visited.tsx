import { useWords } from "../../i18n/language";
import type { Grant } from "../shapes";

/** A visit was counted; some earn a voucher. */
export function Visited({ grant }: { grant: Grant }) {
  const { t } = useWords();
  return (
    <div className="card done" role="status">
      <span className="done-mark" aria-hidden="true">
        ✓
      </span>
      <h2>{t("claimpage.visit_done")}</h2>
      <p>{t(grant.issuance || grant.waiting ? "claimpage.visit_earned" : "claimpage.visit_counted")}</p>
      {grant.refusal && <p className="quiet small">{grant.refusal.message}</p>}
    </div>
  );
}
