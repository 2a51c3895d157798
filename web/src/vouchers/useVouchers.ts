import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { vouchersQuery } from "../api/queries";
import type { Voucher } from "../api/types";
import { useMe } from "../session/session";
import { kept, keepVouchers } from "./kept";

export interface MyVouchers {
  vouchers: readonly Voucher[] | undefined;
  /** When they were read, where they come from this device because the server does not answer. */
  keptAt: string | null;
  error: unknown;
  again: () => void;
}

/** The caller's vouchers as the server has them, else as this device kept them. */
export function useVouchers(): MyVouchers {
  const me = useMe();
  const { data, error, fetchStatus, refetch } = useQuery(vouchersQuery);
  useEffect(() => {
    if (data) keepVouchers(me.person.id, data);
  }, [data, me.person.id]);
  const again = () => void refetch();
  const silent = error !== null || fetchStatus === "paused";
  const known = data === undefined && silent ? kept() : null;
  if (known?.person === me.person.id) return { vouchers: known.vouchers, keptAt: known.at, error: null, again };
  return { vouchers: data, keptAt: null, error: data === undefined ? error : null, again };
}
