import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { addressOf, chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useCurrency } from "./currency";
import { Empty } from "./Empty";
import { Happenings } from "./Happenings";
import { contractOf, sendable } from "./holding";
import { ReceiveIcon, SendIcon } from "./icons";
import { worthQuery } from "./queries";
import { Screen } from "./Screen";
import { useSources } from "./worth";

const NEWEST = 10;

/** One asset of one account. */
export default function AssetPage() {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const sources = useSources();
  const [query] = useSearchParams();
  const account = query.get("account") ?? "";
  const asset = query.get("asset") ?? "";
  const { data, error, refetch } = useQuery(worthQuery(useCurrency()));
  const item = data?.items.find((each) => each.account === account && each.amount?.asset === asset);
  const title = item ? item.name || item.amount?.symbol || t("assets.detail") : t("assets.detail");
  if (!item?.amount) {
    return (
      <Screen title={title} back="/holder/assets">
        {error ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : data === undefined ? (
          <Loading />
        ) : (
          <Empty>{t("assets.gone")}</Empty>
        )}
      </Screen>
    );
  }
  const { amount, worth } = item;
  const contract = contractOf(amount.asset);
  const pick = new URLSearchParams({ account, asset });
  return (
    <Screen title={title} back="/holder/assets">
      <section className="card total" aria-label={t("assets.worth")}>
        <p className="total-figure">{chainAmountText(amount)}</p>
        {worth && <p className="quiet">{t("preview.worth", { amount: currencyText(worth.money) })}</p>}
        <div className="quick">
          {sendable(item) && (
            <Link to={`/holder/send?${pick}`}>
              <span className="quick-mark">
                <SendIcon />
              </span>
              {t("holder.send")}
            </Link>
          )}
          <Link to={`/holder/receive?${pick}`}>
            <span className="quick-mark">
              <ReceiveIcon />
            </span>
            {t("holder.receive")}
          </Link>
        </div>
      </section>
      <section className="card">
        <Facts
          rows={[
            [t("assets.kind"), maybe(`assets.kind_${item.kind}`, item.kind)],
            [t("common.chain"), name(chainOf(account))],
            [t("common.account"), <CopyText key="a" text={addressOf(account)} label={t("common.account")} />],
            [t("assets.contract"), contract && <CopyText key="c" text={contract} label={t("assets.contract")} />],
            [
              t("assets.rate"),
              worth && t("assets.rate_of", { rate: worth.rate, currency: worth.money.currency, symbol: amount.symbol }),
            ],
            [t("assets.price_source"), worth && sources([worth.source])],
            [t("assets.price_time"), worth && `${date(worth.priced_at)} ${time(worth.priced_at)}`],
          ]}
        />
      </section>
      <section className="card" aria-labelledby="with-it">
        <h2 id="with-it">{t("assets.activity")}</h2>
        <Happenings wish={{ search: amount.symbol, kinds: [], account, limit: NEWEST }} few />
      </section>
    </Screen>
  );
}
