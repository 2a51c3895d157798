import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useRef } from "react";

import { context, post } from "../api/client";
import { meQuery } from "../api/queries";
import type { Me } from "../api/types";
import { forgetKept, kept } from "../vouchers/kept";

/** Who uses the page. When another tab signs in as somebody else, nothing of the first person stays on the screen. */
export function useSession() {
  const client = useQueryClient();
  const query = useQuery({ ...meQuery, refetchOnWindowFocus: "always" });
  const me: Me | null | undefined = query.data;
  if (me) context.csrf = me.csrf_token;

  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (me === undefined) return;
    const now = me?.session_id ?? null;
    if (shown.current !== null && shown.current !== now) {
      client.removeQueries({ predicate: (found) => found.queryKey[0] !== "me" && found.queryKey[0] !== "chains" });
    }
    shown.current = now;
    if (kept()?.person !== me?.person.id) forgetKept();
  }, [client, me]);

  const signOut = async () => {
    await post("/auth/logout");
    context.csrf = "";
    // First the frame learns that nobody is signed in: what is below goes, and then nothing of the person is left.
    client.setQueryData(meQuery.queryKey, null);
    client.removeQueries({ predicate: (found) => found.queryKey[0] !== "me" });
    client.getMutationCache().clear();
  };

  return { ...query, me, signOut };
}

const SignedInPerson = createContext<Me | null>(null);

/** Tells everything below who is signed in: what is below never sees a moment in which nobody is. */
export const SignedIn = SignedInPerson.Provider;

/** The signed-in person; only below `SignedIn`, where somebody is. */
export function useMe(): Me {
  const me = useContext(SignedInPerson);
  if (!me) throw new Error("useMe outside of SignedIn");
  return me;
}
