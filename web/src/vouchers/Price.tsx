import { useQuery } from "@tanstack/react-query";

import { vouchersQuery } from "../api/queries";
import type { Order, Quote } from "../api/types";
import { chainOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { PriceLines } from "./PriceLines";

const TENDER = "stored_value";

/** What the order costs this holder: discounts, then stored value and points, then money; and why it is the best. */
export function Price({ quote, order }: { quote: Quote; order: Order }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const vouchers = useQuery(vouchersQuery).data;
  const title = (id: string) => vouchers?.find((voucher) => voucher.id === id)?.title ?? shortId(id);
  const { currency } = quote.total;
  const money = (minor: number) => currencyText({ minor, currency });
  const discounts = quote.used.filter((used) => used.kind !== TENDER);
  const tender = quote.used.filter((used) => used.kind === TENDER);
  const amount = chainAmountText(quote.remainder_on_chain);
  const chain = name(chainOf(quote.account));
  const nothing = discounts.length === 0 && tender.length === 0 && quote.points.length === 0;
  return (
    <>
      <dl className="sum">
        <div>
          <dt>{t("pay.total")}</dt>
          <dd>{currencyText(quote.total)}</dd>
        </div>
        {discounts.map((used) => (
          <div key={used.voucher} className="sum-off">
            <dt>{t("pay.discount", { title: title(used.voucher) })}</dt>
            <dd data-testid="discount">−{money(used.discount_minor)}</dd>
          </div>
        ))}
        {tender.map((used) => (
          <div key={used.voucher} className="sum-off">
            <dt>
              {t("pay.tender_voucher", { title: title(used.voucher) })}
              {used.balance_left_minor !== null && (
                <span className="quiet small sum-note">{t("pay.tender_left", { amount: money(used.balance_left_minor) })}</span>
              )}
            </dt>
            <dd>−{money(used.discount_minor)}</dd>
          </div>
        ))}
        {quote.points.map((spent) => (
          <div key={spent.programme} className="sum-off">
            <dt>
              {t("pay.tender_points", { points: spent.points })}
              <span className="quiet small sum-note">{t("pay.points_left", { points: spent.left })}</span>
            </dt>
            <dd>−{money(spent.amount_minor)}</dd>
          </div>
        ))}
        <div className="sum-left">
          <dt>{t("pay.left")}</dt>
          <dd data-testid="left">{currencyText(quote.remainder)}</dd>
        </div>
      </dl>
      <Gifts quote={quote} />
      {nothing ? <p className="quiet small">{t("pay.no_voucher")}</p> : <WhyBest quote={quote} />}
      {quote.unclaimed.length > 0 && <p className="small">{t("pay.unclaimed")}</p>}
      {order.remainder_by === "recorded" && quote.remainder.minor > 0 ? (
        <p className="notice">{t("pay.recorded")}</p>
      ) : (
        quote.remainder.minor > 0 && (
          <p className="quiet small">
            {t(quote.used.length > 0 ? "pay.on_chain" : "pay.on_chain_plain", { amount, chain })} {t("pay.no_fee")}
          </p>
        )
      )}
      <PriceLines quote={quote} />
    </>
  );
}

function WhyBest({ quote }: { quote: Quote }) {
  const { t, language } = useWords();
  const { currency } = quote.total;
  const count = new Intl.NumberFormat(language).format(quote.nodes);
  const text = quote.optimal
    ? t(quote.nodes > 1 ? "pay.best_proven" : "pay.best_one", { count })
    : t("pay.best_gap", { count, amount: currencyText({ minor: quote.gap_minor, currency }) });
  return (
    <div className="notice notice-good best">
      <strong>
        {quote.discount.minor > 0 ? t("pay.best_saves", { amount: currencyText(quote.discount) }) : t("pay.best_title")}
      </strong>
      <span className="small">{text}</span>
    </div>
  );
}

function Gifts({ quote }: { quote: Quote }) {
  const { t } = useWords();
  const gifts = quote.used.flatMap((used) => (used.gift ? [{ voucher: used.voucher, ...used.gift }] : []));
  if (gifts.length === 0) return null;
  const nameOf = (gift: (typeof gifts)[number]) =>
    (gift.line === null ? quote.lines.find((line) => line.sku === gift.sku) : quote.lines[gift.line])?.name ?? gift.sku;
  return (
    <ul className="plain small">
      {gifts.map((gift) => (
        <li key={gift.voucher}>
          {gift.added > 0 && t("pay.gift_added", { name: nameOf(gift), count: gift.added })}
          {gift.freed > 0 && t("pay.gift_freed", { name: nameOf(gift), count: gift.freed })}
        </li>
      ))}
    </ul>
  );
}
