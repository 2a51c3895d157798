import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { organisationsQuery } from "../api/queries";
import type { Organisation } from "../api/types";

const MEMORY = "quanbao.organisation";

/** The organisations of the caller and the one in use, remembered in this browser. */
export function useOrganisation(roles: readonly Organisation["role"][]) {
  const query = useQuery(organisationsQuery);
  const [chosen, setChosen] = useState(() => localStorage.getItem(MEMORY));
  const organisations = query.data?.filter((found) => roles.includes(found.role));
  const organisation = organisations?.find((found) => found.id === chosen) ?? organisations?.[0];
  const choose = (id: string) => {
    localStorage.setItem(MEMORY, id);
    setChosen(id);
  };
  return { organisations, organisation, choose, error: query.error, refetch: query.refetch };
}
