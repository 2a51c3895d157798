/** Leaving on purpose: every tab of this browser hears of it, and keeps nothing of the session. */
const sessions = new Set<string>();
const listeners = new Set<() => void>();
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("quanbao.left") : null;
tabs?.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (typeof data === "string") note(data);
});

function note(session: string): void {
  sessions.add(session);
  for (const heard of listeners) heard();
}

export function left(session: string): void {
  note(session);
  tabs?.postMessage(session);
}

export const hasLeft = (session: string) => sessions.has(session);

export function onLeft(heard: () => void): () => void {
  listeners.add(heard);
  return () => listeners.delete(heard);
}
