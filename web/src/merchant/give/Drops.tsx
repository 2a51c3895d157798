import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import { Problem } from "../../api/problem";
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
import { dropPath, listDrop } from "./listDrop";

/** About 100,000 addresses. */
const MOST_BYTES = 4_500_000;

/** A list of any length promised by one root, on the campaign's EVM chain. */
export function Drops({ watch, chain }: { watch: Watch; chain: string }) {
  const { t } = useWords();
  const { whole } = useNumbers();
  const shop = useShop();
  const client = useQueryClient();
  const { name } = useChainNames();
  const { campaign, drops } = watch;
  const [text, setText] = useState("");
  const [sent, setSent] = useState(0);
  const holders = text.split(/[\s,;，；]+/).filter((part) => part !== "");
  const publish = useMutation({
    mutationFn: async () => {
      setSent(0);
      const all = holders.map((one) => (one.includes(":") ? one : `${chain}:${one}`));
      const listed = await listDrop(campaign.id, chain, shop.id, drops, all, setSent);
      if (listed === null) throw new Problem(409, "drop_busy", t("drop.busy"), false, null, {});
      return post<Drop>(`${dropPath(listed)}/commit`, undefined, { organisation: shop.id });
    },
    onSuccess: () => setText(""),
    onSettled: () => client.invalidateQueries({ queryKey: watchQuery(shop.id, campaign.id).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <>
      <form className="card form" onSubmit={submit} aria-label={t("give.drop")}>
        <p className="notice notice-warn">{t("drop.public")}</p>
        <CsvText
          label={t("drop.holders", { chain: name(chain) })}
          hint={t("drop.hint")}
          value={text}
          placeholder="0x…"
          most={MOST_BYTES}
          onChange={(typed) => {
            setText(typed);
            if (!publish.isPending) publish.reset();
          }}
        />
        {publish.isPending && (
          <div role="status">
            <progress max={holders.length} value={sent} aria-label={t("common.working")} />
            <span className="small figures">{t("drop.sending", { sent: whole(sent), count: whole(holders.length) })}</span>
          </div>
        )}
        {publish.isSuccess && (
          <p className="good small" role="status">
            {t("drop.published")}
          </p>
        )}
        <ProblemNotice error={publish.error} />
        <button className="button" disabled={holders.length === 0 || publish.isPending}>
          {publish.isPending ? t("common.working") : t("drop.publish", { count: whole(holders.length) })}
        </button>
      </form>
      {drops.map((drop) => (
        <DropCard key={`${drop.chain} ${drop.number}`} drop={drop} watch={watch} />
      ))}
    </>
  );
}

function DropCard({ drop, watch }: { drop: Drop; watch: Watch }) {
  const { t } = useWords();
  const { whole } = useNumbers();
  const { name } = useChainNames();
  const shop = useShop();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => post<Drop>(`${dropPath(drop)}/commit`, undefined, { organisation: shop.id }),
    onSettled: () => client.invalidateQueries({ queryKey: watchQuery(shop.id, drop.campaign).queryKey }),
  });
  const reason = watch.acts.find((act) => act.id === drop.act)?.failure?.message ?? "";
  return (
    <section className="card" aria-label={t("drop.number", { number: drop.number + 1 })}>
      <div className="row-between">
        <h3>
          {t("drop.number", { number: drop.number + 1 })} · {name(drop.chain)}
        </h3>
        <span className={CHIPS[drop.status]}>{t(`drop.${drop.status}`)}</span>
      </div>
      <p className={drop.status === "failed" ? "bad small" : "quiet small"}>{t(`drop.${drop.status}_text`, { reason })}</p>
      {drop.status === "committing" && <progress aria-label={t("drop.committing")} />}
      <Facts
        rows={[
          [t("drop.count"), whole(drop.count)],
          [t("drop.root"), drop.root && <CopyText key="root" text={drop.root} label={t("drop.root")} />],
        ]}
      />
      {drop.status === "failed" && (
        <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate()}>
          {again.isPending ? t("common.working") : t("drop.again")}
        </button>
      )}
      <ProblemNotice error={again.error} />
      {drop.status === "committed" && (
        <a href={`/api/v1${dropPath(drop)}/leaves`} download={`quanbao-drop-${drop.number + 1}.leaves`} className="small">
          {t("drop.leaves")}
        </a>
      )}
    </section>
  );
}
