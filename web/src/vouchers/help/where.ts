/** Where on the page a line of a checklist is done; it names routes of the API. */
const PLACES: readonly (readonly [start: string, place: string])[] = [
  ["/wallets", "/holder"],
  ["/auth/totp", "/safety"],
  ["/auth/email", "/safety"],
  ["/people/me/check-up", "/safety"],
  ["/notifications", "/notifications"],
  ["/organisations", "/merchant"],
  ["/campaigns", "/merchant"],
  ["/webhooks", "/merchant"],
  ["/settlements", "/merchant"],
  ["/cases/inbox", "/merchant"],
  ["/audit", "/auditor"],
  ["/vouchers/{voucher_id}/proof", "/auditor"],
];

/** Null for what is done elsewhere, by the operator for instance. */
export function placeOnPage(where: string): string | null {
  const route = where.split(" ").at(-1) ?? "";
  return PLACES.find(([start]) => route.startsWith(start))?.[1] ?? null;
}
