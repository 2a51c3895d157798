import type { ReactNode } from "react";

import { useWords } from "../i18n/language";

/** The look of a voucher: figure on the stub, words beside it. */
export function Ticket({ figure, past = false, children }: { figure: string; past?: boolean; children: ReactNode }) {
  const { t } = useWords();
  return (
    <div className={past ? "ticket ticket-past" : "ticket"}>
      <div className="ticket-stub">
        <span className="ticket-figure">{figure}</span>
        <span className="small">{t("voucher.off")}</span>
      </div>
      <div className="ticket-body">{children}</div>
    </div>
  );
}
