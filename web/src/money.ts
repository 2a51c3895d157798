import type { ChainAmount, CurrencyAmount } from "./api/types";

const SIGNS: Readonly<Record<string, string>> = { CNY: "¥", USD: "$", EUR: "€" };

/** As the server counts minor units (ISO 4217): none or three digits here, two everywhere else. */
const NO_DIGITS = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" "));
const THREE_DIGITS = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** Digits after the point of a currency. */
export function currencyDigits(currency: string): number {
  return NO_DIGITS.has(currency) ? 0 : THREE_DIGITS.has(currency) ? 3 : 2;
}

/** A token is shown with so many digits at least, where it has them. */
const TOKEN_DIGITS = 2;

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
  const digits = currencyDigits(amount.currency);
  const value = decimalText(BigInt(amount.minor), digits, digits);
  const sign = SIGNS[amount.currency];
  return sign ? sign + value : `${value} ${amount.currency}`;
}

/** As people write a rule: without the cents when there are none. */
export function shortCurrencyText(amount: Minor): string {
  return currencyText(amount).replace(/\.0+(?= |$)/, "");
}

export function chainAmountText(amount: ChainAmount): string {
  return `${decimalText(BigInt(amount.base_units), amount.decimals, TOKEN_DIGITS)} ${amount.symbol}`;
}

/** For lists: at most so many digits after the point, the rest cut off; the exact amount stands where it is looked at. */
const SHOWN_DIGITS = 6;

export function shortChainAmountText(amount: ChainAmount): string {
  const units = BigInt(amount.base_units);
  if (amount.decimals <= SHOWN_DIGITS || units === 0n) return chainAmountText(amount);
  const cut = units / 10n ** BigInt(amount.decimals - SHOWN_DIGITS);
  const text = cut === 0n ? `< ${decimalText(1n, SHOWN_DIGITS)}` : decimalText(cut, SHOWN_DIGITS, TOKEN_DIGITS);
  return `${text} ${amount.symbol}`;
}

/** Minor units of what a person typed; null when it is no positive amount, or has more digits than the currency. */
export function parseMinor(text: string, currency = "CNY"): number | null {
  const match = /^(\d{1,11})(?:[.。](\d{1,3}))?$/.exec(text.replace(/[,，\s¥￥$€]/g, ""));
  const digits = currencyDigits(currency);
  const fraction = match?.[2] ?? "";
  if (match === null || fraction.length > digits) return null;
  const minor = BigInt(match[1] ?? "0") * 10n ** BigInt(digits) + BigInt(fraction.padEnd(digits, "0") || "0");
  return minor > 0n && minor < 2n ** 43n ? Number(minor) : null;
}
