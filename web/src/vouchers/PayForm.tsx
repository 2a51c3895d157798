import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { accountsQuery, orderQuery, portfolioQuery, vouchersQuery, walletsQuery } from "../api/queries";
import type { Order, Payment, Quote } from "../api/types";
import { DeniedNotice, isDenied } from "../holder/DeniedNotice";
import { Onboarding } from "../holder/Onboarding";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { ORDINARY, PayChoices, type Choices } from "./PayChoices";
import { Price } from "./Price";
import { ShortOfMoney } from "./ShortOfMoney";
import { UnusedVouchers } from "./UnusedVouchers";
import { wantsWord, WordFirst } from "./WordFirst";

/** After these the price is asked for anew: it has ended, or a voucher of it went elsewhere. */
const ASKS_NEW_PRICE = new Set(["quote_expired", "voucher_in_flight", "voucher_already_redeemed", "voucher_expired", "campaign_not_active"]);
/** After these somebody else, perhaps this person's other window, is paying the order. */
const PAID_ELSEWHERE = new Set(["order_not_payable", "order_locked"]);

/** The price of an open order for this holder, and the tap that pays it. */
export function PayForm({ order }: { order: Order }) {
  const { t } = useWords();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [choices, choose] = useState<Choices>(ORDINARY);
  const accounts = useQuery(accountsQuery);

  const quote = useQuery({
    queryKey: ["quote", order.id, choices],
    queryFn: () => post<Quote>(`/orders/${order.id}/quote`, wishOf(choices)),
    enabled: (accounts.data?.length ?? 0) > 0,
    staleTime: Infinity,
    gcTime: 0,
  });
  const newPrice = quote.refetch;
  useNewPriceInTime(quote.data?.expires_at, () => void newPrice());
  const changed = useChangedPrice(quote.data, choices);

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
  const elsewhere = pay.error instanceof Problem && PAID_ELSEWHERE.has(pay.error.code);

  // Setting up ends when the person says so: the accounts exist before the words are written down.
  const [settingUp, setSettingUp] = useState(false);
  const wallets = useQuery(walletsQuery).data;
  if (accounts.data?.length === 0 && wallets?.length === 0 && !settingUp) setSettingUp(true);
  if (settingUp) {
    return (
      <>
        <p className="notice">{t("pay.no_wallet")}</p>
        <Onboarding onDone={() => setSettingUp(false)} />
      </>
    );
  }
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
          {changed && (
            <p className="notice notice-warn" role="alert">
              {t("pay.changed", { before: currencyText(changed), now: currencyText(quote.data.remainder) })}
            </p>
          )}
          <Price quote={quote.data} order={order} />
          <PayChoices quote={quote.data} choices={choices} onChoose={choose} />
          {elsewhere ? (
            <p className="notice notice-warn" role="alert">
              {t("pay.other_tab")}
            </p>
          ) : wantsWord(pay.error) ? (
            <WordFirst error={pay.error} onGo={() => pay.mutate(quote.data.id)} onDrop={pay.reset} />
          ) : isDenied(pay.error) ? (
            <DeniedNotice error={pay.error} />
          ) : (
            <ProblemNotice error={pay.error} />
          )}
          {wantsWord(pay.error) ? null : quote.data.short_by === "0" ? (
            <button
              type="button"
              className="button button-large"
              disabled={pay.isPending || quote.isFetching}
              onClick={() => pay.mutate(quote.data.id)}
            >
              {pay.isPending
                ? t("common.working")
                : quote.data.remainder.minor === 0 || order.remainder_by === "recorded"
                  ? t("pay.submit_free")
                  : t("pay.submit", { amount: currencyText(quote.data.remainder) })}
            </button>
          ) : (
            <ShortOfMoney quote={quote.data} onFilled={() => void newPrice()} />
          )}
          <UnusedVouchers quote={quote.data} />
        </>
      )}
    </>
  );
}

function wishOf({ account, stored, points }: Choices): Record<string, unknown> {
  return {
    ...(account === "" ? {} : { account }),
    ...(stored ? {} : { use_stored_value: false }),
    ...(points ? {} : { use_points: false }),
  };
}

/** A price holds for some minutes of block time; a new one is asked for just before it ends. */
function useNewPriceInTime(expiresAt: number | undefined, ask: () => void) {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const left = expiresAt * 1000 - Date.now() - 5000;
    const timer = setTimeout(() => latest.current(), Math.min(Math.max(left, 5000), 2 ** 30));
    return () => clearTimeout(timer);
  }, [expiresAt]);
}

/** What was left to pay before, when the price changed although the person chose nothing else. */
function useChangedPrice(quote: Quote | undefined, choices: Choices): Quote["remainder"] | null {
  const [seen, see] = useState<{ choices: Choices; quote: Quote; before: Quote["remainder"] | null } | null>(null);
  if (quote !== undefined && seen?.quote !== quote) {
    const same = seen?.choices === choices;
    const moved = same && seen.quote.remainder.minor !== quote.remainder.minor;
    see({ choices, quote, before: moved ? seen.quote.remainder : same ? seen.before : null });
  }
  const before = seen?.choices === choices ? seen.before : null;
  return before !== null && before.minor !== quote?.remainder.minor ? before : null;
}
