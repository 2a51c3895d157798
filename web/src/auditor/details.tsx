import type { ReactNode } from "react";

import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText, decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import type { Asset, Settlements } from "./settlements";

/** Base units of the asset that the act names, else of the campaign's settlement. */
const UNITS = new Set(["base_units", "payout", "returned", "amount"]);
const MINOR = new Set(["amount_minor", "remaining"]);
const MOMENTS = new Set(["valid_from", "valid_until"]);
const ASSETS = new Set(["asset", "settlement"]);
const DIGITS = /^\d{1,78}$/;
const LONG = 24;

interface Told {
  details: Readonly<Record<string, string>>;
  campaign: string | null;
  chain: string | null;
}

/** What an act says, by the names and in the formats that people read. */
export function useDetails({ currencyOf, settlementOf }: Settlements) {
  const { t, maybe, date, time } = useWords();
  const { chains } = useChainNames();
  const assets: readonly Asset[] = chains.flatMap((chain) => chain.assets);

  const assetOf = ({ details, campaign, chain }: Told): Asset | null => {
    const named = details.asset ?? details.settlement;
    const settlement = chain === null ? null : settlementOf(campaign, chain);
    if (named === undefined) return settlement;
    return assets.find((one) => one.asset === named) ?? (settlement?.asset === named ? settlement : null);
  };

  /** Exact in any case: what nobody knows the digits of is called base units. */
  const money = (told: Told, field: string): string | null => {
    const value = told.details[field];
    if (value === undefined || !DIGITS.test(value)) return null;
    if (MINOR.has(field)) {
      const currency = currencyOf(told.campaign);
      return currency === null ? t("audit.minor", { value }) : currencyText({ minor: BigInt(value), currency });
    }
    const asset = assetOf(told);
    if (asset === null) return t("audit.base_units", { value: decimalText(BigInt(value), 0) });
    return chainAmountText({ base_units: value, decimals: asset.decimals, asset: asset.asset, symbol: asset.symbol });
  };

  const shown = (told: Told, field: string, value: string): ReactNode => {
    if (UNITS.has(field) || MINOR.has(field)) {
      const text = money(told, field);
      if (text !== null) return <span className="figures">{text}</span>;
    }
    if (MOMENTS.has(field) && DIGITS.test(value)) {
      const moment = Number(value) * 1000;
      return `${date(moment)} ${time(moment)}`;
    }
    if (ASSETS.has(field)) {
      const asset = assetOf(told);
      if (asset) return <abbr title={value}>{asset.symbol}</abbr>;
    }
    if (field === "kind") return maybe(`kind.${value}`, value);
    if (field === "status") return maybe(`campaign.${value}`, value);
    if (field === "cap" && DIGITS.test(value)) return decimalText(BigInt(value), 0);
    return value.length > LONG ? <CopyText text={value} label={field} /> : value;
  };

  return {
    money,
    /** Name and value of each thing that the act says. */
    rows: (told: Told): (readonly [string, ReactNode])[] =>
      Object.entries(told.details).map(([field, value]) => [maybe(`audit.field.${field}`, field.replaceAll("_", " ")), shown(told, field, value)] as const),
  };
}

/** The one figure of an act that people look for. */
export function mainFigure(details: Readonly<Record<string, string>>): string | null {
  return ["amount_minor", "base_units", "amount", "returned", "payout"].find((field) => field in details) ?? null;
}
