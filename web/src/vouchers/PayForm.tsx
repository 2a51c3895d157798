import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { accountsQuery, orderQuery, portfolioQuery, vouchersQuery } from "../api/queries";
import type { ChainAmount, Order, Payment, Quote } from "../api/types";
import { chainOf, shortId, addressOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { askFaucet } from "../holder/faucet";
import { UnusedVouchers } from "./UnusedVouchers";

const ASKS_NEW_PRICE = new Set(["quote_expired", "voucher_in_flight", "voucher_already_redeemed", "voucher_expired"]);

/** The price of an open order for this holder, and the tap that pays it. */
export function PayForm({ order }: { order: Order }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [account, setAccount] = useState("");
  const accounts = useQuery(accountsQuery);

  const quote = useQuery({
    queryKey: ["quote", order.id, account],
    queryFn: () => post<Quote>(`/orders/${order.id}/quote`, account === "" ? {} : { account }),
    enabled: (accounts.data?.length ?? 0) > 0,
    staleTime: Infinity,
    gcTime: 0,
  });

  // A price holds for some minutes of block time; ask for a new one just before it ends.
  const expiry = quote.data?.expires_at;
  const newPrice = quote.refetch;
  useEffect(() => {
    if (expiry === undefined) return;
    const left = expiry * 1000 - Date.now() - 5000;
    const timer = setTimeout(() => void newPrice(), Math.min(Math.max(left, 5000), 2 ** 30));
    return () => clearTimeout(timer);
  }, [expiry, newPrice]);

  const pay = useMutation({
    mutationFn: (id: string) =>
      withUnlock(() => post<Payment>(`/orders/${order.id}/pay`, { quote: id }, { act: "pay" })),
    onError: (error) => {
      if (error instanceof Problem && ASKS_NEW_PRICE.has(error.code)) void newPrice();
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: orderQuery(order.id, false).queryKey });
      await client.invalidateQueries({ queryKey: vouchersQuery.queryKey });
      await client.invalidateQueries({ queryKey: portfolioQuery.queryKey });
    },
  });

  if (accounts.data?.length === 0) {
    return (
      <div className="notice notice-warn row-between">
        <span>{t("pay.no_wallet")}</span>
        <Link className="button" to="/holder">
          {t("pay.to_wallet")}
        </Link>
      </div>
    );
  }
  return (
    <>
      {order.failure && (
        <p className="notice notice-warn" role="status">
          {t("pay.failed", { reason: order.failure.message })}
        </p>
      )}
      {quote.error && !quote.isFetching ? (
        <ProblemNotice error={quote.error} again={() => void newPrice()} />
      ) : quote.data === undefined ? (
        <Loading text={t("pay.pricing")} />
      ) : (
        <>
          <Price quote={quote.data} />
          <label className="field">
            <span>{t("pay.from")}</span>
            <AccountChoice chosen={account} onChoose={setAccount} />
          </label>
          <ProblemNotice error={pay.error} />
          {quote.data.short_by === "0" ? (
            <button
              type="button"
              className="button button-large"
              disabled={pay.isPending || quote.isFetching}
              onClick={() => pay.mutate(quote.data.id)}
            >
              {pay.isPending
                ? t("common.working")
                : quote.data.remainder.minor === 0
                  ? t("pay.submit_free")
                  : t("pay.submit", { amount: currencyText(quote.data.remainder) })}
            </button>
          ) : (
            <Short quote={quote.data} onFilled={() => void newPrice()} />
          )}
          <UnusedVouchers quote={quote.data} />
        </>
      )}
    </>
  );
}

function Price({ quote }: { quote: Quote }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const vouchers = useQuery(vouchersQuery).data;
  const title = (id: string) => vouchers?.find((voucher) => voucher.id === id)?.title ?? shortId(id);
  const amount = chainAmountText(quote.remainder_on_chain);
  const chain = name(chainOf(quote.account));
  return (
    <>
      <dl className="sum">
        <div>
          <dt>{t("pay.total")}</dt>
          <dd>{currencyText(quote.total)}</dd>
        </div>
        {quote.used.map((used) => (
          <div key={used.voucher} className="sum-off">
            <dt>{t("pay.discount", { title: title(used.voucher) })}</dt>
            <dd data-testid="discount">−{currencyText({ minor: used.discount_minor, currency: quote.total.currency })}</dd>
          </div>
        ))}
        <div className="sum-left">
          <dt>{t("pay.left")}</dt>
          <dd data-testid="left">{currencyText(quote.remainder)}</dd>
        </div>
      </dl>
      {quote.used.length === 0 && <p className="quiet small">{t("pay.no_voucher")}</p>}
      <p className="quiet small">
        {t(quote.used.length > 0 ? "pay.on_chain" : "pay.on_chain_plain", { amount, chain })} {t("pay.no_fee")}
      </p>
    </>
  );
}

function AccountChoice({ chosen, onChoose }: { chosen: string; onChoose: (account: string) => void }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const accounts = useQuery(accountsQuery).data ?? [];
  return (
    <select value={chosen} onChange={(event) => onChoose(event.target.value)}>
      <option value="">{t("pay.best")}</option>
      {accounts.map((found) => (
        <option key={found.id} value={found.account}>
          {name(found.chain)} · {shortId(found.address)}
        </option>
      ))}
    </select>
  );
}

/** The account has too little: say how much, and offer the faucet where there is one. */
function Short({ quote, onFilled }: { quote: Quote; onFilled: () => void }) {
  const { t } = useWords();
  const { chains } = useChainNames();
  const chain = chainOf(quote.account);
  const missing: ChainAmount = { ...quote.remainder_on_chain, base_units: quote.short_by };
  const fill = useMutation({ mutationFn: () => askFaucet(chain, quote.account, missing), onSuccess: onFilled });
  const isLocal = chains.find((found) => found.chain === chain)?.local ?? false;
  return (
    <div className="notice notice-warn">
      <p>
        {t("pay.short", { amount: chainAmountText(missing) })} <code>{shortId(addressOf(quote.account))}</code>
      </p>
      {isLocal && (
        <button type="button" className="button button-quiet" disabled={fill.isPending} onClick={() => fill.mutate()}>
          {fill.isPending ? t("common.working") : t("holder.get_test_money", { amount: chainAmountText(missing) })}
        </button>
      )}
      <ProblemNotice error={fill.error} />
    </div>
  );
}
