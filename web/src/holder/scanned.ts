import { post } from "../api/client";
import { Problem } from "../api/problem";
import type { Chain } from "../api/types";
import type { AskedPayment } from "./shapes";

/** Where a scanned text leads on this page. */
export interface Scanned {
  path: string;
  asked?: AskedPayment;
}

/** A text that leads nowhere here; `why` names the words for it. */
export class ScanRefused extends Error {
  constructor(
    readonly why: string,
    readonly host = "",
  ) {
    super(why);
    this.name = "ScanRefused";
  }
}

const ORDER = /^(?:.*\/pay\/)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/?$/i;

/** Addresses by themselves name no chain: their form tells the family. */
const ADDRESSES: Readonly<Record<string, RegExp>> = {
  "eip155:": /^0x[0-9a-f]{40}$/i,
  "solana:": /^[1-9A-HJ-NP-Za-km-z]{32,44}$/,
};
const REQUEST = /^(?:ethereum|solana|eip155):/i;

/** Own links are opened; requests for payment are read by the server; everything else is refused with its reason. */
export async function readScanned(text: string, chains: readonly Chain[]): Promise<Scanned> {
  const said = text.trim();
  const order = ORDER.exec(said)?.[1];
  if (order) return { path: `/pay/${order.toLowerCase()}` };
  if (/^https?:/i.test(said)) return ownLink(said);
  const family = Object.keys(ADDRESSES).find((each) => ADDRESSES[each]?.test(said));
  const chain = family === undefined ? undefined : chains.find((each) => each.chain.startsWith(family))?.chain;
  if (chain === undefined && !REQUEST.test(said)) throw new ScanRefused("refused_scheme");
  try {
    const asked = await post<AskedPayment>("/payment-requests/read", { text: said, chain: chain ?? null });
    return { path: "/holder/send", asked };
  } catch (error) {
    if (error instanceof Problem && error.code === "payment_link_refused") {
      throw new ScanRefused(`refused_${String(error.facts.reason)}`);
    }
    if (error instanceof Problem && (error.status === 422 || error.status === 404)) throw new ScanRefused("refused_malformed");
    throw error;
  }
}

function ownLink(text: string): Scanned {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ScanRefused("refused_malformed");
  }
  if (url.origin !== location.origin) throw new ScanRefused("other_site", url.host);
  return { path: url.pathname + url.search + url.hash };
}
