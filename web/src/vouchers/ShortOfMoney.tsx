import { useMutation } from "@tanstack/react-query";

import type { ChainAmount, Quote } from "../api/types";
import { addressOf, chainOf, shortId, useChainNames } from "../chains";
import { askFaucet } from "../holder/faucet";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { ProblemNotice } from "../parts/ProblemNotice";

/** The account has too little: what is needed and what is there; and the faucet where there is one. */
export function ShortOfMoney({ quote, onFilled }: { quote: Quote; onFilled: () => void }) {
  const { t } = useWords();
  const { chains, name } = useChainNames();
  const chain = chainOf(quote.account);
  const need = quote.remainder_on_chain;
  const missing: ChainAmount = { ...need, base_units: quote.short_by };
  const have: ChainAmount = { ...need, base_units: (BigInt(need.base_units) - BigInt(quote.short_by)).toString() };
  const fill = useMutation({ mutationFn: () => askFaucet(chain, quote.account, missing), onSuccess: onFilled });
  const isLocal = chains.find((found) => found.chain === chain)?.local ?? false;
  return (
    <div className="notice notice-warn" role="status">
      <p data-testid="short">
        {t("pay.short_both", {
          need: chainAmountText(need),
          have: chainAmountText(have),
          missing: chainAmountText(missing),
        })}
      </p>
      <p className="small">
        {name(chain)} · <code>{shortId(addressOf(quote.account))}</code>
      </p>
      <p className="small">{t("pay.short_other")}</p>
      {isLocal && (
        <button type="button" className="button button-quiet" disabled={fill.isPending} onClick={() => fill.mutate()}>
          {fill.isPending ? t("common.working") : t("holder.get_test_money", { amount: chainAmountText(missing) })}
        </button>
      )}
      <ProblemNotice error={fill.error} />
    </div>
  );
}
