import { post } from "../api/client";
import type { Chain, ChainAmount } from "../api/types";
import { TEST_MONEY, addressOf } from "../chains";

/** A sum of the test money of a local chain; null where there is none. */
export function testMoney(chain: Chain | undefined, major: bigint): ChainAmount | null {
  const asset = chain?.local ? chain.assets.find((found) => found.symbol === TEST_MONEY) : undefined;
  if (asset === undefined) return null;
  const units = major * 10n ** BigInt(asset.decimals);
  return { base_units: units.toString(), decimals: asset.decimals, asset: asset.asset, symbol: asset.symbol };
}

export function askFaucet(chain: string, account: string, amount: ChainAmount): Promise<unknown> {
  const body = { account: addressOf(account), asset: amount.asset, base_units: amount.base_units };
  return post(`/chains/${encodeURIComponent(chain)}/faucet`, body, { act: "faucet" });
}
