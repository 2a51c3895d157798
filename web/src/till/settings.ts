import { useSyncExternalStore } from "react";

/** What this device remembers of its till. */
export interface TillSettings {
  sound: boolean;
  /** Code of the store that orders name; empty for none. */
  store: string;
  /** From when on the till shows "paid": in a block, or final. The receipt is final always. */
  level: "included" | "finalized";
}

const MEMORY = "quanbao.till";
const FIRST: TillSettings = { sound: true, store: "", level: "finalized" };

let known: TillSettings | null = null;
const listeners = new Set<() => void>();

function read(): TillSettings {
  if (known !== null) return known;
  try {
    known = { ...FIRST, ...(JSON.parse(localStorage.getItem(MEMORY) ?? "{}") as Partial<TillSettings>) };
  } catch {
    known = FIRST;
  }
  return known;
}

export function changeTill(change: Partial<TillSettings>): void {
  known = { ...read(), ...change };
  localStorage.setItem(MEMORY, JSON.stringify(known));
  for (const tell of listeners) tell();
}

export function useTillSettings(): TillSettings {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, read);
}
