import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { chainOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText, shortChainAmountText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Choice } from "./Choice";
import { useCurrency } from "./currency";
import { Empty } from "./Empty";
import { holdingPath } from "./holding";
import { watchedQuery, worthQuery } from "./queries";
import { Screen } from "./Screen";
import type { Holding } from "./shapes";

const COLLECTIBLES: ReadonlySet<string> = new Set(["erc721", "erc1155"]);

/** What every account holds, the most valuable first. */
export default function AssetsPage() {
  const { t } = useWords();
  const { name } = useChainNames();
  const currency = useCurrency();
  const { data, error, refetch } = useQuery(worthQuery(currency));
  const [chain, setChain] = useState("");
  if (error && !data) {
    return (
      <Screen title={t("assets.title")}>
        <ProblemNotice error={error} again={() => void refetch()} />
      </Screen>
    );
  }
  if (data === undefined) {
    return (
      <Screen title={t("assets.title")}>
        <Loading />
      </Screen>
    );
  }
  const held = data.items.filter((item) => item.amount && item.amount.base_units !== "0");
  const chains = [...new Set(held.map(chainOfHolding))];
  const shown = held
    .filter((item) => chain === "" || chainOfHolding(item) === chain)
    .sort((one, other) => (other.worth?.money.minor ?? -1) - (one.worth?.money.minor ?? -1));
  const open = shown.filter((item) => !item.hidden);
  const hidden = shown.filter((item) => item.hidden);
  const coins = open.filter((item) => !COLLECTIBLES.has(item.kind));
  const collectibles = open.filter((item) => COLLECTIBLES.has(item.kind));
  const points = data.items.filter((item) => item.kind === "points");
  return (
    <Screen
      title={t("assets.title")}
      end={
        <span className="assets-total" aria-label={t("holder.total")}>
          {currencyText(data.total.money)}
        </span>
      }
    >
      {chains.length > 1 && (
        <Choice
          label={t("assets.chain")}
          quietly
          value={chain}
          options={[["", t("assets.all_chains")], ...chains.map((each) => [each, name(each)] as const)]}
          onChange={setChain}
        />
      )}
      {data.unavailable.map((each) => (
        <p key={each} className="notice notice-bad">
          {t("chain.down", { chain: name(each) })}
        </p>
      ))}
      {data.reading.map((each) => (
        <p key={each} className="quiet small">
          {t("assets.reading", { chain: name(each) })}
        </p>
      ))}
      {open.length === 0 && (
        <Empty
          act={
            <Link to="/holder/receive" className="button">
              {t("holder.receive")}
            </Link>
          }
        >
          {t("assets.none")}
        </Empty>
      )}
      <Group title={t("assets.coins")} items={coins} />
      <Group title={t("assets.collectibles")} items={collectibles} />
      <Points items={points} />
      <Elsewhere />
      {hidden.length > 0 && (
        <details>
          <summary>{t("assets.hidden", { count: hidden.length })}</summary>
          <p className="quiet small">{t("assets.hidden_text")}</p>
          <Group title="" items={hidden} />
        </details>
      )}
    </Screen>
  );
}

const chainOfHolding = (item: Holding) => (item.account ? chainOf(item.account) : "");

function Group({ title, items }: { title: string; items: readonly Holding[] }) {
  if (items.length === 0) return null;
  return (
    <section className="group" aria-label={title || undefined}>
      {title && <h2>{title}</h2>}
      <ul className="card rows">
        {items.map((item) => (
          <li key={`${item.account} ${item.amount?.asset}`}>
            <HoldingLine item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function HoldingLine({ item }: { item: Holding }) {
  const { t, maybe } = useWords();
  const { name } = useChainNames();
  if (item.amount === null) return null;
  return (
    <Link to={holdingPath(item)} className="line">
      <span className="mark mark-letter" aria-hidden="true">
        {item.amount.symbol.slice(0, 1).toUpperCase()}
      </span>
      <span className="line-text">
        <strong>{item.amount.symbol}</strong>
        <span className="quiet small">{name(chainOfHolding(item))}</span>
        {item.marks.length > 0 && (
          <span className="row-wrap">
            {item.marks.map((mark) => (
              <span key={mark} className="chip chip-warn">
                {maybe(`assets.mark_${mark}`, mark)}
              </span>
            ))}
          </span>
        )}
      </span>
      <span className="line-end">
        <span className="figures" title={chainAmountText(item.amount)}>
          {shortChainAmountText(item.amount)}
        </span>
        <span className="quiet small figures">
          {item.worth ? currencyText(item.worth.money) : maybe(`assets.no_${item.no_worth ?? ""}`, t("assets.no_price_missing"))}
        </span>
      </span>
    </Link>
  );
}

function Points({ items }: { items: readonly Holding[] }) {
  const { t, date } = useWords();
  const rights = items.flatMap((item) => (item.right ? [item.right] : []));
  if (rights.length === 0) return null;
  return (
    <section className="group" aria-label={t("assets.points")}>
      <h2>{t("assets.points")}</h2>
      <ul className="card rows">
        {rights.map((right) => (
          <li key={right.reference} className="line">
            <span className="line-text">
              <strong>{right.title}</strong>
              {right.expires_at && (
                <span className="quiet small">{t("assets.points_expire", { date: date(right.expires_at) })}</span>
              )}
            </span>
            <span className="line-end">
              <span className="figures">{right.count}</span>
              {right.in_shop && <span className="quiet small figures">{currencyText(right.in_shop)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Of addresses that are only watched: MetaMask's, Phantom's, and others. */
function Elsewhere() {
  const { t } = useWords();
  const { name } = useChainNames();
  const held = useQuery(watchedQuery).data?.items.filter((item) => item.amount.base_units !== "0") ?? [];
  if (held.length === 0) return null;
  return (
    <section className="group" aria-label={t("assets.elsewhere")}>
      <h2>{t("assets.elsewhere")}</h2>
      <p className="quiet small">{t("assets.elsewhere_text")}</p>
      <ul className="card rows">
        {held.map((item) => (
          <li key={`${item.network} ${item.address} ${item.amount.asset}`} className="line">
            <span className="mark mark-letter" aria-hidden="true">
              {item.amount.symbol.slice(0, 1).toUpperCase()}
            </span>
            <span className="line-text">
              <strong>{item.amount.symbol}</strong>
              <span className="quiet small">
                {name(item.network)} · {shortId(item.address)}
              </span>
            </span>
            <span className="line-end figures">{chainAmountText(item.amount)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
