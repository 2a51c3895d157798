/** Base units of what a person typed; null when it is no positive amount or has too many decimals. */
export function parseUnits(text: string, decimals: number): bigint | null {
  const match = /^(\d{1,60})(?:[.。](\d{0,36}))?$/.exec(text.replace(/[,，\s]/g, ""));
  if (match === null) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return null;
  const units = BigInt(match[1] ?? "0") * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, "0") || "0");
  return units > 0n ? units : null;
}

/** Base units as plain digits with a point, for a field. */
export function unitsText(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction ? `${whole}.${fraction}` : whole;
}
