import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { useWords } from "../../i18n/language";
import { campaignInvitationsQuery, debtsQuery, deliveriesQuery, inboxQuery } from "../queries";
import { useShop } from "../shop";

/** What waits for this shop; nothing is shown when nothing does. */
export function ToDo({ campaigns }: { campaigns: readonly Campaign[] }) {
  const { t, language } = useWords();
  const shop = useShop();
  const cases = useInfiniteQuery(inboxQuery(shop.id, "open")).data?.pages[0]?.items.length ?? 0;
  const asked = useQuery(campaignInvitationsQuery(shop.id, language)).data?.filter((found) => found.your_part.answer === null).length ?? 0;
  const owed = useQuery(debtsQuery(shop.id)).data?.filter((debt) => debt.settled_at === null).length ?? 0;
  const due = useQuery(deliveriesQuery(shop.id)).data?.filter((found) => found.status === "due" || found.status === "backordered").length ?? 0;
  const stopped = campaigns.filter((campaign) => campaign.status === "failed").length;
  const alarms = campaigns.filter((campaign) => campaign.counts.alarms > 0).length;
  const waiting = [
    ["alarms", alarms, "/merchant/campaigns"],
    ["stopped", stopped, "/merchant/campaigns"],
    ["cases", cases, "/merchant/cases"],
    ["asked", asked, "/merchant/campaigns"],
    ["owed", owed, "/merchant/settlement"],
    ["due", due, "/merchant/goods/deliveries"],
  ] as const;
  const shown = waiting.filter(([, count]) => count > 0);
  if (shown.length === 0) return null;
  return (
    <nav className="todo" aria-label={t("todo.title")}>
      {shown.map(([name, count, to]) => (
        <Link key={name} to={to} className={name === "alarms" || name === "stopped" ? "todo-bad" : undefined}>
          <strong className="figures">{count}</strong> {t(`todo.${name}`)}
        </Link>
      ))}
    </nav>
  );
}
