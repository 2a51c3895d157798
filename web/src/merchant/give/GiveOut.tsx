import { useState } from "react";

import { useWords } from "../../i18n/language";
import { shownStatus } from "../campaigns/status";
import type { Rules, Watch } from "../shapes";
import { Drops } from "./Drops";
import { IssueByFile } from "./IssueByFile";
import { IssueForm } from "./IssueForm";
import { Links } from "./Links";
import { SegmentForm } from "./SegmentForm";

const WAYS = ["list", "file", "link", "segment", "drop"] as const;
type Way = (typeof WAYS)[number];

/** How vouchers come to customers. */
export function GiveOut({ watch }: { watch: Watch }) {
  const { t } = useWords();
  const { campaign } = watch;
  const rules = campaign.rules as unknown as Rules;
  // Which ways there are was fixed with the rules; by file and by segment are lists too.
  // A drop of a running campaign is made on an EVM chain.
  const chains = campaign.lanes.map((lane) => lane.chain);
  const evm = chains.find((chain) => chain.startsWith("eip155:"));
  const has = (one: Way) => rules.claim.ways.includes(one === "file" || one === "segment" ? "list" : one) && (one !== "drop" || evm !== undefined);
  const [way, setWay] = useState(WAYS.find(has));
  if (shownStatus(campaign) !== "active") return <p className="notice">{t("give.not_active")}</p>;
  if (way === undefined) return <p className="notice">{t("give.no_way")}</p>;
  return (
    <>
      <div className="ways" role="group" aria-label={t("give.how")}>
        {WAYS.filter(has).map((one) => (
          <button key={one} type="button" aria-pressed={way === one} onClick={() => setWay(one)}>
            {t(`give.${one}`)}
          </button>
        ))}
      </div>
      <p className="quiet small">{t(`give.${way}_about`)}</p>
      {way === "list" && <IssueForm campaign={campaign.id} chains={chains} />}
      {way === "file" && <IssueByFile campaign={campaign.id} />}
      {way === "link" && <Links campaign={campaign.id} rules={rules} />}
      {way === "segment" && <SegmentForm campaign={campaign.id} chains={chains} />}
      {way === "drop" && evm && <Drops watch={watch} chain={evm} />}
    </>
  );
}
