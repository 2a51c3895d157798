import type { Voucher } from "../api/types";

export const DAY = 86_400_000;

/** The window ends before its last moment: midnight belongs to the day after. */
export const lastMoment = (validUntil: string) => Date.parse(validUntil) - 1;

/** A day before its end a voucher is marked, and a week before. */
export const SOON_DAYS = 7;

export type State = "usable" | "soon" | "waiting" | "settling" | "in_flight" | "paused" | "used" | "void" | "expired" | "diverged";

export function stateOf(voucher: Voucher, now = Date.now()): State {
  if (voucher.diverged) return "diverged";
  if (voucher.status === "redeemed") return "used";
  if (voucher.status === "void") return "void";
  const left = Date.parse(voucher.valid_until) - now;
  if (left <= 0) return "expired";
  if (voucher.in_flight) return "in_flight";
  if (voucher.paused) return "paused";
  if (Date.parse(voucher.valid_from) > now) return "waiting";
  if (voucher.finality !== "finalized") return "settling";
  return left < SOON_DAYS * DAY ? "soon" : "usable";
}

/** Whether it may still be used, now or later. */
export const isUsable = (voucher: Voucher, now = Date.now()) =>
  voucher.status === "live" && Date.parse(voucher.valid_until) > now;

export const byExpiry = (one: Voucher, other: Voucher) => Date.parse(one.valid_until) - Date.parse(other.valid_until);
