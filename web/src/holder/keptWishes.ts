import type { TransferWish } from "./shapes";

/** The request of a transfer that may have to be asked again by its own key: it waits for a word, or for the keys. */
export interface KeptWish {
  key: string;
  wish: TransferWish;
}

const nameOf = (transfer: string) => `quanbao.wish ${transfer}`;

export function keepWish(transfer: string, kept: KeptWish): void {
  localStorage.setItem(nameOf(transfer), JSON.stringify(kept));
}

export function keptWish(transfer: string): KeptWish | null {
  try {
    const found = JSON.parse(localStorage.getItem(nameOf(transfer)) ?? "null") as Partial<KeptWish> | null;
    return typeof found?.key === "string" && typeof found.wish === "object" ? (found as KeptWish) : null;
  } catch {
    return null;
  }
}

export function forgetWish(transfer: string): void {
  localStorage.removeItem(nameOf(transfer));
}
