import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { meQuery } from "../api/queries";
import { useReach } from "../api/reach";
import { useWords } from "../i18n/language";

/** How often a server that is away is asked again, in milliseconds. */
const AGAIN = 3000;

/** Says that the server takes long or is away, and that nobody has to tap again; what failed meanwhile is asked anew. */
export function ReachNotice({ onlySlow = false }: { onlySlow?: boolean }) {
  const { t } = useWords();
  const client = useQueryClient();
  const reach = useReach();
  const isGone = reach === "gone";
  const wasGone = useRef(false);
  useEffect(() => {
    if (isGone) {
      wasGone.current = true;
      const timer = setInterval(() => void client.refetchQueries({ queryKey: meQuery.queryKey }), AGAIN);
      return () => clearInterval(timer);
    }
    if (wasGone.current) {
      wasGone.current = false;
      void client.refetchQueries({ predicate: (found) => found.state.status === "error", type: "active" });
    }
    return undefined;
  }, [client, isGone]);
  return (
    <div className="reach" role="status">
      {isGone && !onlySlow && <p>{t("reach.gone")}</p>}
      {reach === "slow" && (
        <p>
          {t("reach.slow")}{" "}
          <button type="button" className="link" onClick={() => location.reload()}>
            {t("reach.reload")}
          </button>
        </p>
      )}
    </div>
  );
}
