import { queryOptions, useQuery } from "@tanstack/react-query";

import { get } from "../api/client";
import type { ChainAmount } from "../api/types";
import type { components } from "../api/schema";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { useCurrency } from "./currency";

/** As the API names the declared prices of test money. */
const DECLARED = "declared for test networks, no market";

/** Sources of prices as one text, in the person's language where we know the name. */
export function useSources(): (sources: readonly string[]) => string {
  const { t } = useWords();
  return (sources) => sources.map((source) => (source === DECLARED ? t("holder.source_local") : source)).join(", ");
}

const worthOf = (amount: ChainAmount, currency: string) =>
  queryOptions({
    queryKey: ["worth", amount.asset, amount.base_units, currency],
    queryFn: () =>
      get<components["schemas"]["WorthRead"]>(
        `/worth?${new URLSearchParams({ asset: amount.asset, base_units: amount.base_units, currency })}`,
      ),
    staleTime: 30_000,
    retry: false,
  });

/** "about ¥1.23"; nothing where nobody knows a price. */
export function Worth({ amount }: { amount: ChainAmount }) {
  const { t } = useWords();
  const worth = useQuery(worthOf(amount, useCurrency())).data;
  if (!worth) return null;
  const tiny = worth.money.minor === 0 && amount.base_units !== "0";
  const money = currencyText(tiny ? { ...worth.money, minor: 1 } : worth.money);
  return <span className="quiet small">{t(tiny ? "preview.worth_less" : "preview.worth", { amount: money })}</span>;
}
