import { useSyncExternalStore } from "react";

/** After so many milliseconds without an answer the page says that the server is slow. */
const SLOW = 6000;
/** After so many it gives the answer up. */
const OVER = 120_000;

export type Reach = "there" | "slow" | "gone";

const listeners = new Set<() => void>();
let late = 0;
let isLost = false;

function change(set: () => void): void {
  const before = reach();
  set();
  if (reach() !== before) for (const changed of listeners) changed();
}

function reach(): Reach {
  return isLost || !navigator.onLine ? "gone" : late > 0 ? "slow" : "there";
}

/** A request under way: ends it when it takes too long, or when who asked wants no answer any more. */
export async function withPatience<T>(request: (signal: AbortSignal) => Promise<T>, stop?: AbortSignal): Promise<T> {
  const cut = new AbortController();
  const abort = () => cut.abort();
  if (stop?.aborted) abort();
  stop?.addEventListener("abort", abort);
  let isLate = false;
  const slow = setTimeout(() => {
    isLate = true;
    change(() => (late += 1));
  }, SLOW);
  const over = setTimeout(abort, OVER);
  try {
    const answer = await request(cut.signal);
    change(() => (isLost = false));
    return answer;
  } catch (error) {
    if (!stop?.aborted) change(() => (isLost = true));
    throw error;
  } finally {
    clearTimeout(slow);
    clearTimeout(over);
    stop?.removeEventListener("abort", abort);
    if (isLate) change(() => (late -= 1));
  }
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    listeners.delete(changed);
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

/** Whether the server answers this page, late or not at all. */
export const useReach = () => useSyncExternalStore(listen, reach);
