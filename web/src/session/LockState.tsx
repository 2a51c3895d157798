import { useMutation, useQueryClient } from "@tanstack/react-query";

import { post } from "../api/client";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { useMe } from "./session";

/** Whether this session can sign now, and a way to end that. */
export function LockState() {
  const { t, time } = useWords();
  const me = useMe();
  const client = useQueryClient();
  const lock = useMutation({
    mutationFn: () => post("/auth/lock"),
    onSettled: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
  if (!me.passphrase_set) return null;
  const until = me.unlocked_until;
  if (until === null || Date.parse(until) <= Date.now()) return <span className="chip">{t("unlock.locked")}</span>;
  return (
    <span className="chip chip-good">
      {t("unlock.until", { time: time(until) })}
      <button type="button" className="link" onClick={() => lock.mutate()}>
        {t("unlock.lock")}
      </button>
    </span>
  );
}
