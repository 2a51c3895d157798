// A wallet's EIP-1193 provider as a dApp sees it: the endpoint behind `request`.
import { writeSync } from "node:fs";

const [, , url, token] = process.argv;

export const provider = {
  async request({ method, params }) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: params ?? [] }),
    });
    const { result, error } = await answer.json();
    if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
    return result;
  },
  on() {},
  removeListener() {},
};

export const document = (chainId) => ({
  domain: { name: "Shop", version: "1", chainId, verifyingContract: "0x00000000000000000000000000000000000000aa" },
  types: { Offer: [{ name: "what", type: "string" }, { name: "price", type: "uint256" }] },
  message: { what: "tea", price: 5n },
});

export function tell(facts) {
  writeSync(1, JSON.stringify(facts, (_, value) => (typeof value === "bigint" ? String(value) : value)));
}
