import { createContext, useContext } from "react";

import type { Organisation } from "../api/types";

export const Shop = createContext<Organisation | null>(null);

/** The organisation whose pages are open; only below the shop's frame. */
export function useShop(): Organisation {
  const shop = useContext(Shop);
  if (shop === null) throw new Error("useShop outside of the shop's frame");
  return shop;
}

/** The zone in which this person reads days. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
