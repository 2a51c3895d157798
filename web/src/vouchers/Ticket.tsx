import type { ReactNode } from "react";

import { useWords } from "../i18n/language";

interface Props {
  figure: string;
  /** The small word below the figure; "off" where none is given. */
  unit?: string;
  past?: boolean;
  /** Ends soon: the stub says so by its colour, beside the words. */
  soon?: boolean;
  large?: boolean;
  children: ReactNode;
}

/** The look of a voucher: figure on the stub, words beside it. */
export function Ticket({ figure, unit, past = false, soon = false, large = false, children }: Props) {
  const { t } = useWords();
  const look = ["ticket", past && "ticket-past", soon && "ticket-soon", large && "ticket-large"].filter(Boolean).join(" ");
  return (
    <div className={look}>
      <div className="ticket-stub">
        <span className={figure.length > 6 ? "ticket-figure ticket-figure-long" : "ticket-figure"}>{figure}</span>
        <span className="small">{unit ?? t("voucher.off")}</span>
      </div>
      <div className="ticket-body">{children}</div>
    </div>
  );
}
