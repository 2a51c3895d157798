/** How a status looks: of campaigns and lanes, of acts, issuances and drops. */
export const CHIPS: Readonly<Record<string, string>> = {
  draft: "chip",
  launching: "chip chip-busy",
  active: "chip chip-good",
  paused: "chip chip-warn",
  ended: "chip",
  failed: "chip chip-bad",
  requested: "chip chip-busy",
  in_flight: "chip chip-busy",
  done: "chip chip-good",
  open: "chip chip-busy",
  committing: "chip chip-busy",
  committed: "chip chip-good",
};
