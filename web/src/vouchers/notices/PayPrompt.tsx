import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";

import { orderQuery } from "../../api/queries";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { useLive } from "./state";

/** A till has scanned this person's code: the bill, one tap away, wherever on the page the person is. */
export function PayPrompt() {
  const { t } = useWords();
  const { asked, answer } = useLive();
  const { pathname } = useLocation();
  const order = useQuery({ ...orderQuery(asked ?? "", false), enabled: asked !== null }).data?.order;
  if (asked === null || pathname === `/pay/${asked}`) return null;
  return (
    <aside className="prompt" role="alert">
      <strong>
        {order
          ? t("notices.prompt", { shop: order.merchant_name, amount: currencyText(order.total) })
          : t("notices.prompt_plain")}
      </strong>
      <div className="row">
        <Link className="button" to={`/pay/${asked}`} onClick={answer}>
          {t("notices.prompt_open")}
        </Link>
        <button type="button" className="button button-quiet" onClick={answer}>
          {t("notices.prompt_not")}
        </button>
      </div>
    </aside>
  );
}
