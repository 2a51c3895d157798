import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "../../api/client";
import { campaignsQuery } from "../../api/queries";
import { chainOf, useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { dayText } from "../launch/typed";
import { useNumbers } from "../overview/numbers";
import { SaveCsv } from "../parts/Csv";
import { Heading } from "../parts/Heading";
import { Listed } from "../parts/Listed";
import { Table } from "../parts/Table";
import { useUnits } from "../parts/units";
import { creditQuery, debtsQuery, payoutsPath, payoutsQuery } from "../queries";
import type { Receivable, Rules } from "../shapes";
import { useShop, ZONE } from "../shop";
import { ShopAccounts } from "../ShopAccounts";
import { OrderTabs } from "./OrderList";

const DAYS = 30;

/** What the treasuries got per day, what books keep for the shop, and what its refunds still owe. */
export function SettlementPage() {
  const { t } = useWords();
  const shop = useShop();
  return (
    <>
      <Heading title={t("shop.orders")} />
      <OrderTabs />
      <Payouts />
      <Credit />
      <Debts />
      <ShopAccounts organisation={shop} />
    </>
  );
}

function Payouts() {
  const { t } = useWords();
  const shop = useShop();
  const units = useUnits();
  const { name } = useChainNames();
  const { date: dayName } = useNumbers();
  const [first, setFirst] = useState(() => dayText(new Date(Date.now() - DAYS * 86_400_000)));
  const [last, setLast] = useState(() => dayText(new Date()));
  const query = useQuery({ ...payoutsQuery(shop.id, first, last), enabled: first !== "" && last !== "" });
  return (
    <section className="card" aria-labelledby="payouts">
      <div className="row-between">
        <h2 id="payouts">{t("payouts.title")}</h2>
        <SaveCsv path={payoutsPath(".csv", first, last)} name={`payouts-${first}-${last}.csv`} />
      </div>
      <p className="quiet small">{t("payouts.note", { zone: ZONE })}</p>
      <div className="row filters">
        <Field label={t("payouts.first")} type="date" value={first} max={last} onChange={(event) => setFirst(event.target.value)} />
        <Field label={t("payouts.last")} type="date" value={last} min={first} onChange={(event) => setLast(event.target.value)} />
      </div>
      <Listed query={query} empty={t("payouts.none")}>
        {(rows) => (
          <Table
            caption={t("payouts.title")}
            rows={rows}
            keyOf={(row) => `${row.day} ${row.merchant} ${row.asset}`}
            columns={[
              { name: t("numbers.by_day"), of: (row) => <span className="whole-word">{dayName(row.day)}</span> },
              { name: t("common.chain"), of: (row) => name(chainOf(row.merchant)) },
              { name: t("payouts.redemptions"), of: (row) => row.redemptions, figures: true },
              { name: t("payouts.paid"), of: (row) => units(row.asset, row.paid), figures: true },
              { name: t("payouts.remainders"), of: (row) => units(row.asset, row.remainders), figures: true },
              { name: t("payouts.credited"), of: (row) => units(row.asset, row.credited), figures: true },
              { name: t("payouts.returned"), of: (row) => units(row.asset, row.returned), figures: true },
            ]}
          />
        )}
      </Listed>
    </section>
  );
}

/** Credit of campaigns that settle later, and of busy tills. */
function Credit() {
  const { t } = useWords();
  const shop = useShop();
  const units = useUnits();
  const { name } = useChainNames();
  const campaigns = useQuery(campaignsQuery(shop.id)).data ?? [];
  const answers = useQueries({ queries: campaigns.filter((one) => one.status !== "draft").slice(0, 20).map((one) => creditQuery(shop.id, one.id)) });
  const rows = answers.flatMap((answer) => answer.data ?? []).filter((row) => row.due !== "0" || row.waiting !== "0");
  if (rows.length === 0) return null;
  const titleOf = (id: string) => (campaigns.find((one) => one.id === id)?.rules as unknown as Rules | undefined)?.title ?? id;
  return (
    <section className="card" aria-labelledby="credit">
      <h2 id="credit">{t("credit.title")}</h2>
      <p className="quiet small">{t("credit.note")}</p>
      <Table
        caption={t("credit.title")}
        rows={rows}
        keyOf={(row) => `${row.campaign} ${row.chain} ${row.asset}`}
        columns={[
          { name: t("overview.voucher"), of: (row) => titleOf(row.campaign) },
          { name: t("common.chain"), of: (row) => name(row.chain) },
          { name: t("credit.due"), of: (row) => units(row.asset, row.due), figures: true },
          { name: t("credit.waiting"), of: (row) => units(row.asset, row.waiting), figures: true },
          { name: <span className="unseen">{t("credit.settle")}</span>, of: (row) => <Settle row={row} /> },
        ]}
      />
    </section>
  );
}

function Settle({ row }: { row: Receivable }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const settle = useMutation({
    mutationFn: () => post("/settlements", { campaign: row.campaign, chain: row.chain }, { organisation: shop.id, act: "settle" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["credit", shop.id] }),
  });
  if (row.due === "0") return null;
  return (
    <>
      <button type="button" className="button button-quiet button-small" disabled={settle.isPending || settle.isSuccess} onClick={() => settle.mutate()}>
        {settle.isSuccess ? t("credit.asked") : t("credit.settle")}
      </button>
      <ProblemNotice error={settle.error} />
    </>
  );
}

function Debts() {
  const { t, date } = useWords();
  const shop = useShop();
  const units = useUnits();
  const query = useQuery(debtsQuery(shop.id));
  if (!query.error && (query.data === undefined || query.data.length === 0)) return null;
  return (
    <section className="card" aria-labelledby="debts">
      <h2 id="debts">{t("debts.title")}</h2>
      <p className="quiet small">{t("debts.note")}</p>
      <Listed query={query} empty={t("debts.none")}>
        {(rows) => (
          <Table
            caption={t("debts.title")}
            rows={rows}
            keyOf={(row) => `${row.refund} ${row.step}`}
            columns={[
              { name: t("numbers.by_day"), of: (row) => date(row.created_at) },
              { name: t("debts.amount"), of: (row) => units(row.asset, row.base_units), figures: true },
              { name: t("shop.reason"), of: (row) => row.failure?.message ?? "" },
              {
                name: t("orders.status"),
                of: (row) => <span className={row.settled_at ? "chip chip-good" : "chip chip-warn"}>{row.settled_at ? t("debts.settled") : t("debts.open")}</span>,
              },
            ]}
          />
        )}
      </Listed>
    </section>
  );
}
