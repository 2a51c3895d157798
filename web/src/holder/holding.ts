import type { ChainAmount } from "../api/types";
import type { Holding } from "./shapes";

/** Where one account's holding of one asset is shown. */
export function holdingPath(item: Holding): string {
  const query = new URLSearchParams({ account: item.account ?? "", asset: item.amount?.asset ?? "" });
  return `/holder/assets/detail?${query}`;
}

/** Chain tokens have `slip44:` in their CAIP-19 id. */
export const isNative = (asset: string) => asset.includes("/slip44:");

/** The address part of an asset's CAIP-19 id; null for coins of the chain. */
export function contractOf(asset: string): string | null {
  if (isNative(asset)) return null;
  const [, name = ""] = /\/[^:]+:([^/]+)/.exec(asset) ?? [];
  return name || null;
}

/** A holding that a transfer can send: fungible, and not nothing. */
export function sendable(item: Holding): item is Holding & { account: string; amount: ChainAmount } {
  const fungible = ["native", "erc20", "spl", "token_2022"].includes(item.kind);
  return fungible && item.account !== null && item.amount !== null && item.amount.base_units !== "0";
}
