import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { CopyText } from "../../parts/CopyText";
import { Facts } from "../../parts/Facts";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { CHIPS } from "../campaigns/status";
import { useNumbers } from "../overview/numbers";
import { CsvText } from "../parts/Csv";
import { watchQuery } from "../queries";
import type { Drop, Watch } from "../shapes";
import { useShop } from "../shop";

/** So many holders go in one request. */
const PART = 10_000;

/** A list of any length promised by one root; EVM only after the launch. */
export function Drops({ watch }: { watch: Watch }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const { name } = useChainNames();
  const { campaign, drops } = watch;
  const chain = campaign.lanes.find((lane) => lane.chain.startsWith("eip155:"))?.chain;
  const [text, setText] = useState("");
  const [sent, setSent] = useState(0);
  const holders = text.split(/[\s,;，；]+/).filter((part) => part !== "");
  const open = drops.find((drop) => drop.chain === chain && drop.status === "open");
  const path = (number: number) => `/campaigns/${campaign.id}/drops/${encodeURIComponent(chain ?? "")}/${number}`;
  const options = { organisation: shop.id };
  const settled = () => client.invalidateQueries({ queryKey: watchQuery(shop.id, campaign.id).queryKey });
  const publish = useMutation({
    mutationFn: async () => {
      const numbers = drops.filter((drop) => drop.chain === chain).map((drop) => drop.number);
      const number = open?.number ?? Math.max(-1, ...numbers) + 1;
      let drop = await post<Drop>(`/campaigns/${campaign.id}/drops`, { chain, number }, options);
      const all = holders.map((one) => (one.includes(":") ? one : `${chain}:${one}`));
      // What an earlier, broken attempt has sent stays: the list goes on where it ended.
      for (let first = drop.count; first < all.length; first = drop.count) {
        drop = await post<Drop>(`${path(number)}/holders`, { first, holders: all.slice(first, first + PART) }, options);
        setSent(drop.count);
      }
      return post<Drop>(`${path(number)}/commit`, undefined, options);
    },
    onSuccess: () => setText(""),
    onSettled: settled,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  if (chain === undefined) return <p className="notice">{t("drop.no_evm")}</p>;
  return (
    <>
      <form className="card form" onSubmit={submit} aria-label={t("give.drop")}>
        <p className="notice notice-warn">{t("drop.public")}</p>
        <CsvText label={t("drop.holders", { chain: name(chain) })} hint={t("drop.hint")} value={text} placeholder="0x…" onChange={setText} />
        {publish.isPending && <progress max={holders.length} value={sent} aria-label={t("common.working")} />}
        <ProblemNotice error={publish.error} />
        <button className="button" disabled={holders.length === 0 || publish.isPending}>
          {publish.isPending ? t("common.working") : t("drop.publish", { count: holders.length })}
        </button>
      </form>
      {drops.map((drop) => (
        <DropCard key={`${drop.chain} ${drop.number}`} drop={drop} />
      ))}
    </>
  );
}

function DropCard({ drop }: { drop: Drop }) {
  const { t } = useWords();
  const { whole } = useNumbers();
  const { name } = useChainNames();
  return (
    <section className="card" aria-label={t("drop.number", { number: drop.number + 1 })}>
      <div className="row-between">
        <h3>
          {t("drop.number", { number: drop.number + 1 })} · {name(drop.chain)}
        </h3>
        <span className={CHIPS[drop.status]}>{t(`drop.${drop.status}`)}</span>
      </div>
      <Facts
        rows={[
          [t("drop.count"), whole(drop.count)],
          [t("drop.root"), drop.root && <CopyText key="root" text={drop.root} label={t("drop.root")} />],
        ]}
      />
      {drop.status === "committed" && (
        <a href={`/api/v1/campaigns/${drop.campaign}/drops/${encodeURIComponent(drop.chain)}/${drop.number}/leaves`} download={`quanbao-drop-${drop.number + 1}.leaves`} className="small">
          {t("drop.leaves")}
        </a>
      )}
    </section>
  );
}
