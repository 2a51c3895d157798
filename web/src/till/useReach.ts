import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Problem } from "../api/problem";
import { todayQuery } from "./queries";

const AGAIN = 2000;
const GLAD = 4000;

export type Reach = "there" | "gone" | "back";

/** Whether the server answers this till. While it does not, it is asked again and again; nobody has to reload. */
export function useReach(organisation: string): Reach {
  const { failureReason, fetchStatus, refetch } = useQuery(todayQuery(organisation));
  const lost = failureReason instanceof Problem && (failureReason.status === 0 || failureReason.status >= 502);
  const gone = fetchStatus === "paused" || lost;
  const [reach, setReach] = useState<Reach>("there");
  useEffect(() => {
    if (gone) {
      setReach("gone");
      const timer = setInterval(() => void refetch(), AGAIN);
      return () => clearInterval(timer);
    }
    setReach((before) => (before === "gone" ? "back" : before));
    const timer = setTimeout(() => setReach("there"), GLAD);
    return () => clearTimeout(timer);
  }, [gone, refetch]);
  return gone ? "gone" : reach;
}
