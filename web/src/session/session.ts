import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";

import { context, post } from "../api/client";
import { meQuery } from "../api/queries";
import type { Me } from "../api/types";
import { forgetKept, kept } from "../vouchers/kept";
import { left } from "./leaving";

/** Whose data this tab has read, and in which session. */
let owner: string | null = null;
let session: string | null = null;

/** Who uses the page. When another tab signs in as somebody else, nothing of the first person stays on the screen. */
export function useSession() {
  const client = useQueryClient();
  const query = useQuery({ ...meQuery, refetchOnWindowFocus: "always" });
  const me: Me | null | undefined = query.data;
  if (me) context.csrf = me.csrf_token;

  // A session that ends leaves the data to the same person's next one; somebody else sees nothing before it is gone.
  const [, lookAgain] = useState(0);
  const person = me?.person.id ?? null;
  const isOther = person !== null && owner !== null && person !== owner;
  useEffect(() => {
    if (person === null) return;
    owner = person;
    if (!isOther) return;
    client.removeQueries({ predicate: (found) => found.queryKey[0] !== "me" && found.queryKey[0] !== "chains" });
    lookAgain((looks) => looks + 1);
  }, [client, isOther, person]);
  // What the session that has ended was refused is asked for again.
  const opened = me?.session_id ?? null;
  useEffect(() => {
    if (opened === null) return;
    if (session !== null && session !== opened) {
      void client.invalidateQueries({ predicate: (found) => found.queryKey[0] !== "me" });
    }
    session = opened;
  }, [client, opened]);
  useEffect(() => {
    if (me !== undefined && kept()?.person !== me?.person.id) forgetKept();
  }, [me]);

  const signOut = async () => {
    await post("/auth/logout");
    context.csrf = "";
    // First the frame learns that nobody is signed in: what is below goes, and then nothing of the person is left.
    if (me) left(me.session_id);
    client.setQueryData(meQuery.queryKey, null);
    client.removeQueries({ predicate: (found) => found.queryKey[0] !== "me" });
    client.getMutationCache().clear();
  };

  return { ...query, me: isOther ? undefined : me, signOut };
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
