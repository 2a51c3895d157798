import { useQuery } from "@tanstack/react-query";

import { chainsQuery } from "./api/queries";
import type { Chain } from "./api/types";
import { useWords } from "./i18n/language";

/** The symbol of the settlement money of the local chains. */
export const TEST_MONEY = "tCNY";

export interface ChainNames {
  chains: readonly Chain[];
  name: (chain: string) => string;
}

/** A name that a person reads: the family, and whether it is a test chain of this machine. */
export function useChainNames(): ChainNames {
  const { t } = useWords();
  const chains = useQuery(chainsQuery).data ?? [];
  const name = (id: string) => {
    const known = chains.find((chain) => chain.chain === id);
    const family = id.startsWith("solana:") ? t("chain.solana") : t("chain.evm");
    if (known === undefined) return id;
    return known.local ? t("chain.local", { name: family }) : known.name;
  };
  return { chains, name };
}

/** The address part of a CAIP-10 account. */
export function addressOf(account: string): string {
  return account.slice(account.lastIndexOf(":") + 1);
}

export function chainOf(account: string): string {
  return account.slice(0, account.lastIndexOf(":"));
}

/** Start and end of a long id; people compare those. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 8)}…${id.slice(-6)}`;
}
