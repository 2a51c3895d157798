import type { ChainAmount, CurrencyAmount } from "./api/types";

const SIGNS: Readonly<Record<string, string>> = { CNY: "¥", USD: "$", EUR: "€" };
const MINOR_DIGITS = 2;

/** Integer base units as a decimal, grouped by thousands; exact, and with at least `least` digits after the point. */
export function decimalText(units: bigint, decimals: number, least = 0): string {
  const digits = units.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "").padEnd(Math.min(least, decimals), "0");
  return fraction ? `${whole}.${fraction}` : whole;
}

/** A sum in minor units; sums of many may be larger than what a number holds exactly. */
export interface Minor {
  minor: number | bigint;
  currency: CurrencyAmount["currency"];
}

export function currencyText(amount: Minor): string {
  const value = decimalText(BigInt(amount.minor), MINOR_DIGITS, MINOR_DIGITS);
  const sign = SIGNS[amount.currency];
  return sign ? sign + value : `${value} ${amount.currency}`;
}

/** As people write a rule: without the cents when there are none. */
export function shortCurrencyText(amount: Minor): string {
  return currencyText(amount).replace(/\.00(?= |$)/, "");
}

export function chainAmountText(amount: ChainAmount): string {
  return `${decimalText(BigInt(amount.base_units), amount.decimals, MINOR_DIGITS)} ${amount.symbol}`;
}

/** Minor units of what a person typed; null when it is no positive amount with at most two decimals. */
export function parseMinor(text: string): number | null {
  const match = /^(\d{1,11})(?:[.。](\d{1,2}))?$/.exec(text.replace(/[,，\s¥￥]/g, ""));
  if (match === null) return null;
  const minor = BigInt(match[1] ?? "0") * 100n + BigInt((match[2] ?? "").padEnd(MINOR_DIGITS, "0") || "0");
  return minor > 0n && minor < 2n ** 43n ? Number(minor) : null;
}

/** Base units of a sum of money in an asset that counts one major unit as one token. */
export function baseUnits(minor: bigint, decimals: number): bigint {
  return minor * 10n ** BigInt(decimals - MINOR_DIGITS);
}
