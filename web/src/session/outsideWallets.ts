import { useSyncExternalStore } from "react";

import type { EvmProvider, OutsideWallet, SolanaProvider } from "./outside";

/**
 * The wallets that this browser has: those that announce themselves (EIP-6963 on EVM chains, Wallet Standard on Solana)
 * and those that only put themselves into `window`. MetaMask and Phantom are listed in any case, so that who is looking
 * for them is told what to do.
 */
interface Injecting {
  ethereum?: EvmProvider;
  solana?: SolanaProvider;
  phantom?: { solana?: SolanaProvider };
}

/** EIP-6963 "Provider Info", what is used of it. */
interface Announced {
  info: { name: string };
  provider: EvmProvider;
}

interface StandardAccount {
  address: string;
  chains: readonly string[];
}

/** `@wallet-standard/base` "Wallet", what is used of it. */
interface StandardWallet {
  name: string;
  features: {
    "standard:connect"?: { connect: () => Promise<{ accounts: readonly StandardAccount[] }> };
    "solana:signMessage"?: {
      signMessage: (
        ask: { account: StandardAccount; message: Uint8Array },
      ) => Promise<readonly { signature: Uint8Array }[]>;
    };
  };
}

interface Registry {
  register: (...wallets: readonly StandardWallet[]) => () => void;
}

const MOST_OF_A_NAME = 40;
const here = window as unknown as Injecting;
const onEvm = new Map<string, EvmProvider>();
const onSolana = new Map<string, SolanaProvider>();
const listeners = new Set<() => void>();
let listed = list();
let asked = false;

function list(): readonly OutsideWallet[] {
  const others = [
    ...[...onEvm].map(([name, found]) => ({ name, family: "Ethereum" as const, provider: () => found, mark: "EVM" })),
    ...[...onSolana].map(([name, found]) => ({ name, family: "Solana" as const, provider: () => found, mark: "Solana" })),
  ].filter(({ name, family }) => !(name === "MetaMask" && family === "Ethereum") && !(name === "Phantom" && family === "Solana"));
  const names = ["MetaMask", "Phantom", ...others.map((other) => other.name)];
  return [
    { name: "MetaMask", label: "MetaMask", family: "Ethereum", provider: () => onEvm.get("MetaMask") ?? here.ethereum },
    {
      name: "Phantom",
      label: "Phantom",
      family: "Solana",
      provider: () => here.phantom?.solana ?? onSolana.get("Phantom") ?? here.solana,
    },
    ...others.map(({ mark, ...other }) => ({
      ...other,
      label: names.filter((name) => name === other.name).length > 1 ? `${other.name} (${mark})` : other.name,
    })),
  ];
}

function found(add: () => void): void {
  add();
  listed = list();
  for (const changed of listeners) changed();
}

function announced(event: Event): void {
  const { info, provider } = ((event as CustomEvent<Partial<Announced> | null>).detail ?? {}) as Partial<Announced>;
  const name = info?.name;
  if (typeof name !== "string" || typeof provider?.request !== "function") return;
  found(() => onEvm.set(name.slice(0, MOST_OF_A_NAME), provider));
}

const registry: Registry = {
  register: (...wallets) => {
    for (const wallet of wallets) {
      const connect = wallet.features["standard:connect"];
      const sign = wallet.features["solana:signMessage"];
      if (connect && sign) found(() => onSolana.set(wallet.name.slice(0, MOST_OF_A_NAME), plain(connect, sign)));
    }
    return () => undefined;
  },
};

function plain(
  connect: NonNullable<StandardWallet["features"]["standard:connect"]>,
  sign: NonNullable<StandardWallet["features"]["solana:signMessage"]>,
): SolanaProvider {
  let account: StandardAccount | undefined;
  return {
    connect: async () => {
      account = (await connect.connect()).accounts.find((each) => each.chains.some((chain) => chain.startsWith("solana:")));
      return { publicKey: { toString: () => account?.address ?? "" } };
    },
    signMessage: async (message) => {
      const [signed] = account ? await sign.signMessage({ account, message }) : [];
      if (!signed) throw new Error("nothing was signed");
      return { signature: signed.signature };
    },
  };
}

function ask(): void {
  asked = true;
  window.addEventListener("eip6963:announceProvider", announced);
  window.addEventListener("wallet-standard:register-wallet", (event) => {
    const { detail } = event as CustomEvent<unknown>;
    if (typeof detail === "function") (detail as (registry: Registry) => void)(registry);
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  window.dispatchEvent(new CustomEvent("wallet-standard:app-ready", { detail: registry }));
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  if (!asked) ask();
  return () => listeners.delete(changed);
}

export function useOutsideWallets(): readonly OutsideWallet[] {
  return useSyncExternalStore(listen, () => listed);
}
