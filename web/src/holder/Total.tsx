import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { chooseCurrency, CURRENCIES, useCurrency, type ShownCurrency } from "./currency";
import { ReceiveIcon, ScanIcon, SendIcon } from "./icons";
import { worthQuery } from "./queries";
import type { ValuedPortfolio } from "./shapes";
import { useSources } from "./worth";

/** Everything in one currency, with where its prices come from, and the three things people come for. */
export function Total() {
  const { t } = useWords();
  const currency = useCurrency();
  const { data, error, refetch } = useQuery({ ...worthQuery(currency), placeholderData: (before) => before });
  return (
    <section className="card total" aria-label={t("holder.total")}>
      <div className="row-between">
        <h2 className="quiet small">{t("holder.total")}</h2>
        <label className="currency">
          <span className="unseen">{t("holder.currency")}</span>
          <select value={currency} onChange={(event) => chooseCurrency(event.target.value as ShownCurrency)}>
            {CURRENCIES.map((known) => (
              <option key={known}>{known}</option>
            ))}
          </select>
        </label>
      </div>
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <Figures portfolio={data} />
      )}
      <div className="quick">
        <Link to="/holder/scan">
          <span className="quick-mark">
            <ScanIcon />
          </span>
          {t("holder.pay_or_scan")}
        </Link>
        <Link to="/holder/send">
          <span className="quick-mark">
            <SendIcon />
          </span>
          {t("holder.send")}
        </Link>
        <Link to="/holder/receive">
          <span className="quick-mark">
            <ReceiveIcon />
          </span>
          {t("holder.receive")}
        </Link>
      </div>
    </section>
  );
}

function Figures({ portfolio }: { portfolio: ValuedPortfolio }) {
  const { t, time } = useWords();
  const { chains, name } = useChainNames();
  const sources = useSources();
  const { total } = portfolio;
  const test = chains.length > 0 && chains.every((chain) => chain.local);
  return (
    <>
      <p className="total-figure" data-testid="total">
        {currencyText(total.money)}
      </p>
      <div className="total-notes quiet small">
        {total.priced_at && <p>{t("holder.priced", { source: sources(total.sources), time: time(total.priced_at) })}</p>}
        {test && <p>{t("holder.test_money")}</p>}
        {total.missing.length > 0 && <p>{t("holder.incomplete", { missing: total.missing.join(", ") })}</p>}
        {portfolio.in_shop
          .filter((sum) => sum.minor > 0)
          .map((sum) => (
            <p key={sum.currency}>{t("holder.in_shop", { amount: currencyText(sum) })}</p>
          ))}
        {portfolio.unavailable.map((chain) => (
          <p key={chain} className="bad">
            {t("chain.down", { chain: name(chain) })}
          </p>
        ))}
      </div>
    </>
  );
}
