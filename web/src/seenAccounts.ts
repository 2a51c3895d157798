/** Accounts whose wallet was opened in this browser: suggestions on the page that issues vouchers. Addresses are public. */
const MEMORY = "quanbao.seen-accounts";
const MOST = 20;

export interface SeenAccount {
  account: string;
  owner: string;
}

export function seenAccounts(): readonly SeenAccount[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(MEMORY) ?? "[]");
    return Array.isArray(found) ? found.filter(isSeenAccount) : [];
  } catch {
    return [];
  }
}

export function rememberAccounts(accounts: readonly SeenAccount[]): void {
  const fresh = new Set(accounts.map((seen) => seen.account));
  const others = seenAccounts().filter((seen) => !fresh.has(seen.account));
  localStorage.setItem(MEMORY, JSON.stringify([...accounts, ...others].slice(0, MOST)));
}

function isSeenAccount(value: unknown): value is SeenAccount {
  const seen = value as Partial<SeenAccount> | null;
  return typeof seen?.account === "string" && typeof seen.owner === "string";
}
