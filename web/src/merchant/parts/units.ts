import { useChainNames } from "../../chains";
import { chainAmountText } from "../../money";

/** Base units of an asset as people read them, by what the chains say of the asset. */
export function useUnits(): (asset: string, baseUnits: string) => string {
  const { chains } = useChainNames();
  return (asset, baseUnits) => {
    const known = chains.flatMap((chain) => chain.assets).find((found) => found.asset === asset);
    if (known === undefined) return baseUnits;
    const negative = baseUnits.startsWith("-");
    const amount = { base_units: negative ? baseUnits.slice(1) : baseUnits, decimals: known.decimals, asset, symbol: known.symbol };
    return (negative ? "−" : "") + chainAmountText(amount);
  };
}

/** The same, and what is one money where several chains have it: its symbol and digits. */
export function useUnitsByKind() {
  const { chains } = useChainNames();
  const text = useUnits();
  const kindOf = (asset: string): string => {
    const known = chains.flatMap((chain) => chain.assets).find((found) => found.asset === asset);
    return known === undefined ? asset : `${known.symbol} ${known.decimals}`;
  };
  return { text, kindOf };
}
