import { useQuery } from "@tanstack/react-query";

import { shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { mainFigure, useDetails } from "./details";
import { custodyQuery, type Custody } from "./queries";
import { useSettlements } from "./settlements";

type Act = Custody["acts"][number];

const ROW = 78;
const TOP = 26;
const WIDTH = 620;
/** More than this is a table's work. */
const MOST = 200;

/** The life of a voucher as a line of acts, the newest below; what is final is filled. */
export function Picture({ voucher }: { voucher: string }) {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(custodyQuery("voucher", voucher));
  const details = useDetails(useSettlements(data?.acts.map((act) => act.campaign) ?? []));
  if (error) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const acts = data.acts.slice(0, MOST);
  if (acts.length === 0) return <p className="quiet">{t("audit.custody_none")}</p>;
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t("audit.as.graph")}>
      <svg className="picture" width={WIDTH} height={TOP + ROW * acts.length} role="img" aria-label={t("audit.graph_of", { voucher: shortId(voucher) })}>
        <line x1="16" x2="16" y1={TOP} y2={TOP + ROW * (acts.length - 1)} />
        {acts.map((act, place) => {
          const figure = mainFigure(act.details);
          const sum = figure && details.money({ details: act.details, campaign: act.campaign, chain: act.place.chain }, figure);
          return <Node key={place} act={act} y={TOP + ROW * place} sum={sum} />;
        })}
      </svg>
    </div>
  );
}

function Node({ act, y, sum }: { act: Act; y: number; sum: string | null }) {
  const { t, maybe, date, time } = useWords();
  const { name } = useChainNames();
  const { place, details } = act;
  const parties = ["sender", "holder", "recipient", "merchant", "funder"].flatMap((party) => (details[party] ? [shortId(details[party])] : []));
  const state = act.standing ? maybe(`finality.${place.finality}`, "") : t("audit.not_standing");
  const kind = !act.standing || act.act === "divergence" ? "bad" : place.finality === "finalized" ? "final" : undefined;
  return (
    <g className={kind}>
      <circle cx="16" cy={y} r="7" />
      <text x="38" y={y + 5} className="name">
        {[maybe(`act.${act.act}`, act.act), sum, state].filter(Boolean).join(" · ")}
      </text>
      <text x="38" y={y + 25}>
        {parties.join(" → ")}
      </text>
      <text x="38" y={y + 44} className="quiet">
        {t("audit.position", { chain: name(place.chain), height: place.height, index: place.transaction_index })} · {date(place.block_time)} {time(place.block_time)}
      </text>
    </g>
  );
}
