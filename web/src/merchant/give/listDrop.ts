import { post } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Drop } from "../shapes";

/** So many holders go in one request; lists are compared part by part, so that it never changes. */
const PART = 10_000;

type Named = Pick<Drop, "campaign" | "chain" | "number">;

export const dropPath = (drop: Named) => `/campaigns/${drop.campaign}/drops/${encodeURIComponent(drop.chain)}/${drop.number}`;

/** The list as a drop that is ready to be committed: one that a broken attempt has begun where it is the same list, else
 *  a new one. Tells how many are listed. Null: somebody else lists holders at the same time. */
export async function listDrop(
  campaign: string,
  chain: string,
  organisation: string,
  drops: readonly Drop[],
  holders: readonly string[],
  onListed: (count: number) => void,
): Promise<Drop | null> {
  const here = drops.filter((drop) => drop.chain === chain);
  const next = Math.max(-1, ...here.map((drop) => drop.number)) + 1;
  for (const begun of here.filter((drop) => drop.status === "open")) {
    const drop = await listed(begun, holders, organisation, onListed);
    if (drop) return drop;
  }
  return listed({ campaign, chain, number: next }, holders, organisation, onListed);
}

/** Null: other holders stand there already. A part that is there is taken as it is. */
async function listed(named: Named, holders: readonly string[], organisation: string, onListed: (count: number) => void): Promise<Drop | null> {
  const options = { organisation };
  let drop = await post<Drop>(`/campaigns/${named.campaign}/drops`, { chain: named.chain, number: named.number }, options);
  for (let first = 0; first < holders.length; first += PART) {
    try {
      drop = await post<Drop>(`${dropPath(named)}/holders`, { first, holders: holders.slice(first, first + PART) }, options);
    } catch (error) {
      if (error instanceof Problem && error.code === "idempotency_conflict") return null;
      throw error;
    }
    onListed(Math.min(drop.count, holders.length));
  }
  return drop.count === holders.length ? drop : null;
}
