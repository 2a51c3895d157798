import { useEffect, useState } from "react";

const PAUSE = 300;

/** The value once it has not changed for a moment: who types is not asked about at every key. */
export function useCalm<T>(value: T): T {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return calm;
}
