/** Wallets outside of the page: an account of theirs, and its signature under a text. */

/** EIP-1193. */
export interface EvmProvider {
  request: (ask: { method: string; params?: readonly unknown[] }) => Promise<unknown>;
}

/** As Phantom and others put it into `window`. */
export interface SolanaProvider {
  connect: () => Promise<{ publicKey: { toString: () => string } }>;
  signMessage: (message: Uint8Array, display?: "utf8") => Promise<{ signature: Uint8Array }>;
}

export type OutsideWallet = Readonly<
  { name: string; label: string } & (
    | { family: "Ethereum"; provider: () => EvmProvider | undefined }
    | { family: "Solana"; provider: () => SolanaProvider | undefined }
  )
>;

/** Why an outside wallet did not sign; `busy`: it shows an earlier question still. */
export class OutsideTrouble extends Error {
  constructor(
    readonly wallet: string,
    readonly why: "absent" | "refused" | "busy" | "failed",
    readonly reason = "",
  ) {
    super(reason || why);
    this.name = "OutsideTrouble";
  }
}

/** Codes of EIP-1193 "Provider Errors" and EIP-1474 "Error codes"; Phantom uses the same. */
const REASONS: Readonly<Record<number, "refused" | "busy">> = { 4001: "refused", [-32002]: "busy" };

function troubleOf(wallet: string, error: unknown): OutsideTrouble {
  if (error instanceof OutsideTrouble) return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const known = typeof code === "number" ? REASONS[code] : undefined;
  if (known) return new OutsideTrouble(wallet, known);
  return new OutsideTrouble(wallet, "failed", typeof message === "string" ? message : String(error));
}

export interface OutsideAccount {
  family: "Ethereum" | "Solana";
  address: string;
  /** EIP-155 number, or a cluster's name. */
  chainId: string;
  /** 65 bytes in hex, or 64 in base58. Raises OutsideTrouble. */
  sign: (text: string) => Promise<string>;
}

/** Asks the wallet for an account. Raises OutsideTrouble. */
export async function askOutside(wallet: OutsideWallet): Promise<OutsideAccount> {
  try {
    const account = await (wallet.family === "Ethereum" ? askEvm(wallet.provider()) : askSolana(wallet.provider()));
    if (account === null) throw new OutsideTrouble(wallet.name, "absent");
    if (!account.address) throw new OutsideTrouble(wallet.name, "refused");
    return {
      ...account,
      sign: (text) =>
        account.sign(text).catch((error: unknown) => {
          throw troubleOf(wallet.name, error);
        }),
    };
  } catch (error) {
    throw troubleOf(wallet.name, error);
  }
}

async function askEvm(provider: EvmProvider | undefined): Promise<OutsideAccount | null> {
  if (!provider) return null;
  const [address = ""] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  const chainId = BigInt((await provider.request({ method: "eth_chainId" })) as string).toString();
  const sign = (text: string) => provider.request({ method: "personal_sign", params: [utf8Hex(text), address] });
  return { family: "Ethereum", address, chainId, sign: sign as OutsideAccount["sign"] };
}

async function askSolana(provider: SolanaProvider | undefined): Promise<OutsideAccount | null> {
  if (!provider) return null;
  const { publicKey } = await provider.connect();
  const sign = async (text: string) =>
    base58((await provider.signMessage(new TextEncoder().encode(text), "utf8")).signature);
  return { family: "Solana", address: publicKey.toString(), chainId: "mainnet", sign };
}

function utf8Hex(text: string): string {
  return `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bitcoin's alphabet, as Solana writes keys and signatures. */
function base58(bytes: Uint8Array): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = (ALPHABET[Number(number % 58n)] ?? "") + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + text;
}
