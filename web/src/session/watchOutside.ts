import { get, post } from "../api/client";
import type { Chain, Page, Wallet } from "../api/types";
import type { OutsideAccount } from "./outside";

/** Shows what an outside account holds on every chain of its family; its addresses that are watched already stay. */
export async function watchOutside(account: OutsideAccount, chains: readonly Chain[], label: string): Promise<void> {
  const wallets = (await get<Page<Wallet>>("/wallets")).items;
  const watching = wallets.find((wallet) => wallet.kind === "watch") ?? (await post<Wallet>("/wallets/watch", { label }));
  const known = (await get<Page<{ network: string; address: string }>>("/wallets/addresses")).items;
  for (const { chain } of chains.filter((each) => each.chain.startsWith(familyOf(account)))) {
    const isKnown = known.some(
      (each) => each.network === chain && each.address.toLowerCase() === account.address.toLowerCase(),
    );
    if (!isKnown) await post(`/wallets/${watching.id}/watched`, { network: chain, address: account.address });
  }
}

/** How the ids of the chains begin on which the account is the same. */
export const familyOf = (account: OutsideAccount) => (account.family === "Solana" ? "solana:" : "eip155:");

/** The text that the account is to sign, signed by it. Raises OutsideTrouble. */
export async function signedBy(account: OutsideAccount): Promise<{ message: string; signature: string }> {
  const ask = { family: account.family, address: account.address, chain_id: account.chainId, origin: location.origin };
  const { message } = await post<{ message: string }>("/auth/wallet/message", ask);
  return { message, signature: await account.sign(message) };
}
