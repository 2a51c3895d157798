import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { get, post } from "../../api/client";
import { MOVING } from "../../api/queries";
import type { Issuance } from "../../api/types";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { watchQuery } from "../queries";
import { useShop } from "../shop";

const isOver = (issuance: Issuance | undefined) => issuance?.status === "done" || issuance?.status === "failed";

/** Asks to issue and follows it to its end. */
export function useIssuance(campaign: string, way: "issue" | "issue-csv" | "issue-segment") {
  const shop = useShop();
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: (body: object) => post<Issuance>(`/campaigns/${campaign}/${way}`, body, { organisation: shop.id, act: way }),
  });
  const asked = ask.data;
  const followed = useQuery({
    queryKey: ["issuance", asked?.id],
    queryFn: () => get<Issuance>(`/campaigns/${campaign}/issuances/${asked?.id}`, { organisation: shop.id }),
    enabled: asked !== undefined,
    refetchInterval: (query) => (isOver(query.state.data) ? false : MOVING),
  });
  const issuance = followed.data ?? asked;
  const over = isOver(issuance);
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: watchQuery(shop.id, campaign).queryKey });
  }, [client, campaign, shop.id, over]);
  return { ask, issuance, error: ask.error ?? followed.error, busy: ask.isPending || (issuance !== undefined && !over) };
}

/** What became of it. */
export function IssuanceState({ issuance }: { issuance: Issuance | undefined }) {
  const { t } = useWords();
  if (issuance === undefined) return null;
  const count = issuance.holders.length;
  if (issuance.status === "done") {
    return (
      <p className="good small" role="status">
        {count === 1 ? t("issue.done_one") : t("issue.done_many", { count })}
      </p>
    );
  }
  if (issuance.status === "failed") {
    return (
      <p className="bad small" role="alert">
        {t("issue.failed_why", { reason: issuance.failure?.message ?? "" })}
      </p>
    );
  }
  return <Loading text={t("issue.moving", { count })} />;
}
