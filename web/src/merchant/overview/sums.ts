import type { Analytics, Funnel } from "../shapes";

const COUNTED = [
  "issued", "claimed", "redeemed", "spent", "settled", "reversed", "voided", "discount_minor", "orders", "sales_minor",
] as const;

const NOTHING: Funnel = {
  key: "", issued: 0, claimed: 0, held: 0, redeemed: 0, spent: 0, settled: 0, reversed: 0, voided: 0,
  discount_minor: 0, payout_units: "0", orders: 0, sales_minor: 0,
};

export function sumOf(lines: readonly Funnel[]): Funnel {
  return lines.reduce(added, NOTHING);
}

function added(one: Funnel, other: Funnel): Funnel {
  const sum = { ...one };
  for (const name of COUNTED) sum[name] += other[name];
  sum.held = one.held === null || other.held === null ? null : one.held + other.held;
  sum.payout_units = (BigInt(one.payout_units) + BigInt(other.payout_units)).toString();
  return sum;
}

/** The same day, store, segment or chain of several campaigns in one line. */
export function rowsOf(found: readonly Analytics[]): readonly Funnel[] {
  const rows = new Map<string, Funnel>();
  for (const row of found.flatMap((each) => each.rows)) {
    const known = rows.get(row.key);
    rows.set(row.key, known ? added(known, row) : row);
  }
  return [...rows.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}
