import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { put } from "../api/client";
import { useWords } from "../i18n/language";
import { followingQuery } from "./notices/queries";

/** Be told of a shop's next campaigns; nothing where the caller already is, or belongs to the shop. */
export function FollowShop({ merchant, shop }: { merchant: string; shop: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const following = useQuery(followingQuery).data;
  const follow = useMutation({
    mutationFn: () => put(`/notifications/following/${merchant}`),
    onSuccess: () => client.invalidateQueries({ queryKey: followingQuery.queryKey }),
  });
  if (follow.isSuccess) {
    return (
      <span className="good small" role="status">
        {t("notices.followed")}
      </span>
    );
  }
  if (following === undefined || following.some((one) => one.merchant === merchant)) return null;
  return (
    <button type="button" className="button button-plain" disabled={follow.isPending} onClick={() => follow.mutate()}>
      {t("notices.follow", { shop })}
    </button>
  );
}
