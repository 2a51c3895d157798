import type { ReactNode } from "react";

import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { ChartPair } from "../charts/ChartPair";
import { Columns } from "../charts/Columns";
import type { By, Funnel } from "../shapes";
import { useNumbers } from "./numbers";

interface Props {
  by: By;
  onBy: (by: By) => void;
  rows: readonly Funnel[];
  actions?: ReactNode;
}

/** What was issued and used by day, store, segment or chain. */
export function Breakdown({ by, onBy, rows, actions }: Props) {
  const { t, maybe } = useWords();
  const { name: chainName } = useChainNames();
  const { whole, money, day, date } = useNumbers();
  const nameOf = (key: string) => {
    if (by === "day") return day(key);
    if (by === "chain") return chainName(key);
    return key === "" ? t("numbers.none") : maybe(`segment.${key}`, key);
  };
  return (
    <ChartPair
      title={t("numbers.course")}
      chart={
        rows.length === 0 ? (
          <p className="empty quiet">{t("numbers.nothing_yet")}</p>
        ) : (
          <Columns
            label={`${t("numbers.course")}: ${rows.map((row) => `${nameOf(row.key)} ${whole(row.issued)} / ${whole(row.redeemed)}`).join("; ")}`}
            names={[t("funnel.issued"), t("funnel.redeemed")]}
            groups={rows.map((row) => ({ name: nameOf(row.key), values: [row.issued, row.redeemed + row.spent] }))}
            text={whole}
          />
        )
      }
      rows={[...rows].reverse()}
      keyOf={(row) => row.key}
      columns={[
        { name: t(`numbers.by_${by}`), of: (row) => (by === "day" ? <span className="whole-word">{date(row.key)}</span> : nameOf(row.key)) },
        { name: t("funnel.issued"), of: (row) => whole(row.issued), figures: true },
        { name: t("funnel.redeemed"), of: (row) => whole(row.redeemed + row.spent), figures: true },
        { name: t("numbers.discount"), of: (row) => money(row.discount_minor), figures: true },
        { name: t("numbers.sales"), of: (row) => money(row.sales_minor), figures: true },
      ]}
      actions={
        <div className="row">
          <select aria-label={t("numbers.by")} value={by} onChange={(event) => onBy(event.target.value as By)} className="select-small">
            {(["day", "store", "segment", "chain"] as const).map((one) => (
              <option key={one} value={one}>
                {t(`numbers.by_${one}`)}
              </option>
            ))}
          </select>
          {actions}
        </div>
      }
    />
  );
}
