import type { Notice } from "./shapes";

/** The page that a notification is about; null where there is none to go to. */
export function whereTo({ kind, facts }: Notice): string | null {
  const fact = (name: string) => (typeof facts[name] === "string" ? facts[name] : null);
  const order = fact("order");
  const voucher = fact("voucher");
  const campaign = fact("campaign");
  const support = fact("case");
  const payment = fact("payment_id");
  switch (kind) {
    case "launch":
      return campaign && `/claim/${campaign}`;
    case "received":
      return voucher && `/holder/vouchers/${voucher}`;
    case "expiring":
      // What waits to be claimed stands above the vouchers.
      return "/holder/vouchers";
    case "redeemed":
    case "refunded":
      return order && `/pay/${order}`;
    case "case":
      return support && `/support/${support}`;
    case "dispute":
      return order && `/pay/${order}`;
    case "payment_failed":
      return payment && `/holder/transfers/${payment}`;
    case "frozen":
      return "/safety";
    default:
      return null;
  }
}
