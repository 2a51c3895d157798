/** How the status of an order, refund or step looks. */
export const ORDER_CHIPS = { open: "chip", pending: "chip chip-busy", paid: "chip chip-good", cancelled: "chip" } as const;

export const REFUND_CHIPS = { pending: "chip chip-busy", owing: "chip chip-warn", done: "chip chip-good" } as const;

export const STEP_CHIPS = { waiting: "chip", in_flight: "chip chip-busy", owing: "chip chip-warn", done: "chip chip-good" } as const;
