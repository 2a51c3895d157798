/** Whether a text has the shape of an address of a chain; the server checks it wholly. */
export function looksLikeAddress(chain: string, text: string): boolean {
  return chain.startsWith("solana:") ? /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text) : /^0x[0-9a-fA-F]{40}$/.test(text);
}
