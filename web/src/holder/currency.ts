import { useSyncExternalStore } from "react";

/** In which money everything is shown. */
export const CURRENCIES = ["CNY", "USD"] as const;
export type ShownCurrency = (typeof CURRENCIES)[number];

const MEMORY = "quanbao.currency";
const listeners = new Set<() => void>();

function chosen(): ShownCurrency {
  const known = localStorage.getItem(MEMORY);
  return CURRENCIES.find((currency) => currency === known) ?? "CNY";
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export function chooseCurrency(currency: ShownCurrency): void {
  localStorage.setItem(MEMORY, currency);
  for (const changed of listeners) changed();
}

export function useCurrency(): ShownCurrency {
  return useSyncExternalStore(listen, chosen);
}
