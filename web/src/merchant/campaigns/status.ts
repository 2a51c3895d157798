import type { Campaign } from "../../api/types";
import type { Rules } from "../shapes";

/** The status that people see: a campaign whose window has passed is over, whatever else it is. */
export function shownStatus(campaign: Campaign): Campaign["status"] | "over" {
  const { window } = campaign.rules as unknown as Rules;
  const ran = campaign.status === "active" || campaign.status === "paused";
  return ran && window.valid_until * 1000 <= Date.now() ? "over" : campaign.status;
}

/** How a status looks: of campaigns and lanes, of acts, issuances and drops. */
export const CHIPS: Readonly<Record<string, string>> = {
  draft: "chip",
  launching: "chip chip-busy",
  active: "chip chip-good",
  paused: "chip chip-warn",
  ended: "chip",
  over: "chip",
  failed: "chip chip-bad",
  requested: "chip chip-busy",
  in_flight: "chip chip-busy",
  done: "chip chip-good",
  open: "chip chip-busy",
  committing: "chip chip-busy",
  committed: "chip chip-good",
};
