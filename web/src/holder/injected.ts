/** Wallets that a browser extension puts into the page: EIP-1193 (MetaMask and others), and Phantom's on Solana. */
export interface EvmProvider {
  request: (ask: { method: string; params?: readonly unknown[] }) => Promise<unknown>;
}

export interface SolanaProvider {
  connect: () => Promise<{ publicKey: { toString: () => string } }>;
  signMessage: (message: Uint8Array, display?: "utf8") => Promise<{ signature: Uint8Array }>;
}

interface Injecting {
  ethereum?: EvmProvider;
  solana?: SolanaProvider;
  phantom?: { solana?: SolanaProvider };
}

export const evmProvider = () => (window as Injecting).ethereum;
export const solanaProvider = () => (window as Injecting).phantom?.solana ?? (window as Injecting).solana;

export type OutsideWallet = "MetaMask" | "Phantom";

/** Why an extension did not sign. */
export class OutsideTrouble extends Error {
  constructor(
    readonly wallet: OutsideWallet,
    readonly why: "absent" | "refused" | "failed",
    readonly reason = "",
  ) {
    super(reason || why);
    this.name = "OutsideTrouble";
  }
}

/** Codes of EIP-1193 "Provider Errors"; Phantom uses the same. */
const USER_REJECTED = 4001;

function troubleOf(wallet: OutsideWallet, error: unknown): OutsideTrouble {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === USER_REJECTED) return new OutsideTrouble(wallet, "refused");
  return new OutsideTrouble(wallet, "failed", typeof message === "string" ? message : String(error));
}

export interface OutsideAccount {
  family: "Ethereum" | "Solana";
  address: string;
  /** EIP-155 number, or a cluster's name. */
  chainId: string;
  /** 65 bytes in hex, or 64 in base58. */
  sign: (text: string) => Promise<string>;
}

/** Asks the extension for an account. Raises OutsideTrouble. */
export async function askOutside(wallet: OutsideWallet): Promise<OutsideAccount> {
  try {
    return await (wallet === "MetaMask" ? askEvm() : askSolana());
  } catch (error) {
    throw error instanceof OutsideTrouble ? error : troubleOf(wallet, error);
  }
}

async function askEvm(): Promise<OutsideAccount> {
  const provider = evmProvider();
  if (!provider) throw new OutsideTrouble("MetaMask", "absent");
  const [address] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (!address) throw new OutsideTrouble("MetaMask", "refused");
  const chainId = BigInt((await provider.request({ method: "eth_chainId" })) as string).toString();
  const sign = async (text: string) => {
    try {
      return (await provider.request({ method: "personal_sign", params: [utf8Hex(text), address] })) as string;
    } catch (error) {
      throw troubleOf("MetaMask", error);
    }
  };
  return { family: "Ethereum", address, chainId, sign };
}

async function askSolana(): Promise<OutsideAccount> {
  const provider = solanaProvider();
  if (!provider) throw new OutsideTrouble("Phantom", "absent");
  const { publicKey } = await provider.connect();
  const sign = async (text: string) => {
    try {
      return base58((await provider.signMessage(new TextEncoder().encode(text), "utf8")).signature);
    } catch (error) {
      throw troubleOf("Phantom", error);
    }
  };
  return { family: "Solana", address: publicKey.toString(), chainId: "mainnet", sign };
}

function utf8Hex(text: string): string {
  return `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bitcoin's alphabet, as Solana writes keys and signatures. */
export function base58(bytes: Uint8Array): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = (ALPHABET[Number(number % 58n)] ?? "") + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + text;
}
