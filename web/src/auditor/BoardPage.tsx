import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get } from "../api/client";
import type { Page } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Alarms } from "./Alarms";
import { Sides, useFaultName } from "./Divergence";
import { boardQuery, type BoardLane, type Reconciliation } from "./queries";

type Figures = Readonly<Record<string, Readonly<Record<string, string | null>> | null>>;
/** Who says a figure, in the order in which they are shown. */
const SOURCES = ["chain", "ledger", "books"] as const;

/** Every campaign on every chain, as it was compared last. */
export function BoardPage() {
  const { t } = useWords();
  const { data: lanes, error, refetch } = useQuery(boardQuery);
  return (
    <>
      <section className="card" aria-labelledby="board">
        <h2 id="board">{t("audit.board")}</h2>
        <p className="quiet">{t("audit.board_text")}</p>
        {error ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : lanes === undefined ? (
          <Loading />
        ) : lanes.length === 0 ? (
          <p className="notice">{t("audit.board_none")}</p>
        ) : (
          <Lanes lanes={lanes} />
        )}
      </section>
      <Alarms />
    </>
  );
}

function Lanes({ lanes }: { lanes: readonly BoardLane[] }) {
  const { t } = useWords();
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t("audit.board")}>
      <table className="table board">
        <thead>
          <tr>
            <th scope="col">{t("audit.campaign")}</th>
            <th scope="col">{t("audit.result")}</th>
            <th scope="col" className="number">
              {t("audit.issued")}
            </th>
            <th scope="col" className="number">
              {t("audit.redeemed")}
            </th>
            <th scope="col" className="number">
              {t("audit.outstanding")}
            </th>
            <th scope="col" className="number">
              {t("audit.escrow")}
            </th>
            <th scope="col">{t("audit.compared_at")}</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <Lane key={lane.campaign + lane.chain} lane={lane} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Lane({ lane }: { lane: BoardLane }) {
  const { t, date, time } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const compare = useMutation({
    mutationFn: () =>
      get<Page<Reconciliation>>(
        `/audit/campaigns/${lane.campaign}/reconciliation?deep=true&chain=${encodeURIComponent(lane.chain)}`,
      ).then((page) => page.items[0]),
    onSuccess: () => client.invalidateQueries({ queryKey: ["audit", "alarms"] }),
  });
  const now = compare.data;
  const figures = (now?.figures ?? lane.figures) as Figures;
  const agrees = now ? now.agrees : lane.agrees && lane.open_alarms === 0;
  return (
    <>
      <tr>
        <th scope="row">
          {lane.title}
          <div className="small quiet">
            {name(lane.chain)} · <CopyText text={lane.campaign} label={t("audit.campaign")} />
          </div>
        </th>
        <td>
          <span className={agrees ? "chip chip-good" : "chip chip-bad"}>
            {agrees ? `✓ ${t("audit.agrees")}` : `✕ ${t("audit.diverges")}`}
          </span>
          {now && <div className="small quiet">{now.complete ? t("audit.complete") : t("audit.sums")}</div>}
          {now?.note && <div className="small quiet">{now.note}</div>}
        </td>
        {["issued", "redeemed", "outstanding"].map((figure) => (
          <td key={figure} className="number">
            <Said figures={figures} figure={figure} agrees={agrees} show={(value) => decimalText(BigInt(value), 0)} />
          </td>
        ))}
        <td className="number">
          <Said figures={figures} figure="escrow" agrees={agrees} show={(value) => `${decimalText(BigInt(value), lane.settlement.decimals, 2)} ${lane.settlement.symbol}`} />
        </td>
        <td>
          <span className="figures">{now ? t("audit.just_now") : `${date(lane.at)} ${time(lane.at)}`}</span>
          <div className="small quiet">
            {t("audit.height")} {now?.height ?? lane.height}
          </div>
          <button
            type="button"
            className="button button-quiet"
            aria-label={t("audit.compare_of", { title: lane.title })}
            disabled={compare.isPending}
            onClick={() => compare.mutate()}
          >
            {compare.isPending ? t("common.working") : t("audit.compare")}
          </button>
        </td>
      </tr>
      {(compare.error !== null || (now && now.findings.length > 0)) && (
        <tr>
          <td colSpan={7}>
            <ProblemNotice error={compare.error} />
            {now && <Findings findings={now.findings} settlement={lane.settlement} />}
          </td>
        </tr>
      )}
    </>
  );
}

function Findings({ findings, settlement }: { findings: Reconciliation["findings"]; settlement: BoardLane["settlement"] }) {
  const { t } = useWords();
  const faultName = useFaultName();
  return (
    <ul className="plain list">
      {findings.map((found) => (
        <li key={found.fault + found.subject} className="hit">
          <span className="chip chip-bad">{faultName(found.fault)}</span>
          <CopyText text={found.subject} label={t("audit.subject")} />
          <Sides {...found} settlement={settlement} />
        </li>
      ))}
    </ul>
  );
}

interface SaidProps {
  figures: Figures;
  figure: string;
  /** The comparison knows why they differ: a drop counts on the chain at once, in the ledger once it is claimed. */
  agrees: boolean;
  show: (value: string) => string;
}

/** One figure where all that know it say the same, else what each of them says. */
function Said({ figures, figure, agrees, show }: SaidProps) {
  const { t } = useWords();
  const said = SOURCES.flatMap((source) => {
    const value = figures[source]?.[figure];
    return value === null || value === undefined ? [] : [[source, value] as const];
  });
  const first = said[0];
  if (first === undefined) return <>–</>;
  if (said.every(([, value]) => value === first[1])) return <>{show(first[1])}</>;
  return (
    <>
      {said.map(([source, value]) => (
        <div key={source} className={agrees ? undefined : "bad"}>
          {t(`audit.source.${source}`)} {show(value)}
        </div>
      ))}
      {agrees && <div className="small quiet">{t("audit.drop_unclaimed")}</div>}
    </>
  );
}
