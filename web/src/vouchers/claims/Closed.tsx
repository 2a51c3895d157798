import { useWords } from "../../i18n/language";
import { useMoments } from "../moments";
import type { PublicClaim } from "../shapes";

export type ClosedBy = "ended" | "gone" | "paused";

/** Why nothing is claimed by this link any more; null while it is. */
export function closedBy(told: PublicClaim, now = Date.now()): ClosedBy | null {
  if (Date.parse(told.closes_at) <= now) return "ended";
  if (!told.lanes.some((lane) => lane.status === "active")) {
    return told.lanes.some((lane) => lane.status === "paused") ? "paused" : "ended";
  }
  return told.remaining <= 0 ? "gone" : null;
}

export function Closed({ why, told }: { why: ClosedBy; told: PublicClaim }) {
  const { t } = useWords();
  const { full } = useMoments();
  return (
    <div className="notice notice-warn" role="status">
      <strong>{t(`claimpage.${why}`)}</strong>
      <p>{t(`claimpage.${why}_text`, { moment: full(Math.min(Date.parse(told.closes_at), Date.now()) - 1) })}</p>
    </div>
  );
}
