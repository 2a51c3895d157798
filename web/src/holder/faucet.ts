import { post } from "../api/client";
import type { Chain, ChainAmount } from "../api/types";
import { TEST_MONEY, addressOf } from "../chains";
import { isNative } from "./holding";

/** A sum of the test money of a local chain; null where there is none. */
export function testMoney(chain: Chain | undefined, major: bigint): ChainAmount | null {
  return gift(chain, major, (asset) => asset.symbol === TEST_MONEY);
}

/** A sum of a local chain's own coin, which pays its fees; null elsewhere. */
export function testCoin(chain: Chain | undefined, major: bigint): ChainAmount | null {
  return gift(chain, major, (asset) => isNative(asset.asset));
}

function gift(chain: Chain | undefined, major: bigint, fits: (asset: Chain["assets"][number]) => boolean): ChainAmount | null {
  const asset = chain?.local ? chain.assets.find(fits) : undefined;
  if (asset === undefined) return null;
  const units = major * 10n ** BigInt(asset.decimals);
  return { base_units: units.toString(), decimals: asset.decimals, asset: asset.asset, symbol: asset.symbol };
}

export function askFaucet(chain: string, account: string, amount: ChainAmount): Promise<unknown> {
  const body = { account: addressOf(account), asset: amount.asset, base_units: amount.base_units };
  return post(`/chains/${encodeURIComponent(chain)}/faucet`, body, { act: "faucet" });
}
