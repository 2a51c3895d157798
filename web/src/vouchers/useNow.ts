import { useEffect, useState } from "react";

/** The time, told again every so many milliseconds. */
export function useNow(every: number): number {
  const [now, tell] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => tell(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
