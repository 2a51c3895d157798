import type { Receipt } from "../../api/types";
import type { Refund } from "../shapes";

export interface PaidLine {
  name: string;
  quantity: number;
  /** What was paid for the line after its discounts, in minor units. */
  paid: number;
  /** Units given back before. */
  returned: number;
}

/** The lines of a receipt with what each of them cost, and what came back before. */
export function paidLines(receipt: Receipt, refunds: readonly Refund[]): readonly PaidLine[] {
  const lines = receipt.quote?.lines ?? receipt.order.lines;
  return lines.map((line, place) => ({
    name: line.name,
    quantity: line.quantity,
    paid: receipt.quote?.payable_per_line[place] ?? line.quantity * line.unit_price_minor,
    returned: refunds.reduce((sum, refund) => sum + (refund.returned[place] ?? 0), 0),
  }));
}

/** Unit k of n bears ⌊paid·k/n⌋ − ⌊paid·(k−1)/n⌋, so that all units together bear exactly what was paid (rules.md). */
export function goesBack(lines: readonly PaidLine[], returning: readonly number[], refunded: number): number {
  const paid = lines.reduce((sum, line) => sum + line.paid, 0);
  const whole = lines.every((line, place) => line.returned + (returning[place] ?? 0) === line.quantity);
  if (whole) return paid - refunded;
  const share = (line: PaidLine, units: number) => Number((BigInt(line.paid) * BigInt(units)) / BigInt(line.quantity));
  const sum = lines.reduce((total, line, place) => total + share(line, line.returned + (returning[place] ?? 0)) - share(line, line.returned), 0);
  return Math.max(0, Math.min(sum, paid - refunded));
}
