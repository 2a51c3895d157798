import { useMutation, useQueryClient } from "@tanstack/react-query";

import { post } from "../api/client";
import { useUnlock } from "../session/unlock";
import { keptWish } from "./keptWishes";
import { transferQuery } from "./queries";
import type { Transfer } from "./shapes";

/** Signs a transfer that waited by the request that began it; `known` where this browser began it. */
export function useSignAgain(transfer: Transfer) {
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const kept = keptWish(transfer.id);
  const sign = useMutation({
    mutationFn: async () => {
      if (kept === null) return null;
      return withUnlock(() => post<Transfer>("/transfers", kept.wish, { key: kept.key }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: transferQuery(transfer.id).queryKey }),
  });
  return { ...sign, known: kept !== null };
}
