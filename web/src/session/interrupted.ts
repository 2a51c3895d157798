import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { meQuery } from "../api/queries";
import type { Me } from "../api/types";
import { hasLeft, left, onLeft } from "./leaving";

/** How long what somebody typed waits for them to sign in again, in milliseconds. */
const PATIENCE = 15 * 60_000;

/**
 * Whose session has ended without their doing; null while one is open, after they have left, or when they do not come
 * back in time: then nothing of theirs stays in this tab.
 */
export function useInterrupted(me: Me | null | undefined): Me | null {
  const client = useQueryClient();
  const [before, setBefore] = useState<Me | null>(null);
  if (me && before !== me) setBefore(me);
  const who = me === null && before !== null && !hasLeft(before.session_id) ? before : null;

  const [, lookAgain] = useState(0);
  useEffect(
    () =>
      onLeft(() => {
        lookAgain((looks) => looks + 1);
        void client.invalidateQueries({ queryKey: meQuery.queryKey });
      }),
    [client],
  );
  const waiting = who?.session_id ?? null;
  useEffect(() => {
    if (waiting === null) return;
    const timer = setTimeout(() => left(waiting), PATIENCE);
    return () => clearTimeout(timer);
  }, [waiting]);

  const hadSomebody = useRef(false);
  if (me) hadSomebody.current = true;
  const isGone = me === null && who === null;
  useEffect(() => {
    if (!isGone || !hadSomebody.current) return;
    hadSomebody.current = false;
    client.removeQueries({ predicate: (found) => found.queryKey[0] !== "me" && found.queryKey[0] !== "chains" });
    client.getMutationCache().clear();
  }, [client, isGone]);
  return who;
}
