import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Empty } from "./Empty";
import { HappeningDialog } from "./HappeningDialog";
import { ContractIcon, ReceiveIcon, SendIcon, VouchersIcon } from "./icons";
import { activityQuery, type ActivityWish } from "./queries";
import type { Happening } from "./shapes";

interface Props {
  wish: ActivityWish;
  /** Only the first ones, without a way to more. */
  few?: boolean;
}

/** The list of activity, newest first, by day. */
export function Happenings({ wish, few = false }: Props) {
  const { t, language } = useWords();
  const { name } = useChainNames();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    activityQuery(wish, language),
  );
  const [open, setOpen] = useState<string | null>(null);
  if (error && !data) return <ProblemNotice error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const all = data.pages.flatMap((part) => part.items);
  const shown = few ? all.slice(0, wish.limit) : all;
  const opened = all.find((one) => one.id === open);
  const searched = wish.search !== "" || wish.kinds.length > 0;
  return (
    <>
      {shown.length === 0 && <Empty>{t(searched ? "activity.none_found" : "activity.none")}</Empty>}
      <Days happenings={shown} onOpen={setOpen} byDay={!few} />
      {[...new Set(data.pages.flatMap((part) => part.unavailable))].map((chain) => (
        <p key={chain} className="quiet small">
          {t("activity.unavailable", { chain: name(chain) })}
        </p>
      ))}
      {!few && hasNextPage && (
        <button
          type="button"
          className="button button-quiet"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isFetchingNextPage ? t("common.loading") : t("activity.more")}
        </button>
      )}
      {opened && <HappeningDialog happening={opened} onClose={() => setOpen(null)} />}
    </>
  );
}

interface DaysProps {
  happenings: readonly Happening[];
  byDay: boolean;
  onOpen: (id: string) => void;
}

function Days({ happenings, byDay, onOpen }: DaysProps) {
  const { date, t } = useWords();
  const now = Date.now();
  const dayOf = (moment: string) => {
    const day = date(moment);
    if (day === date(now)) return t("activity.today");
    return day === date(now - 86_400_000) ? t("activity.yesterday") : day;
  };
  const days = new Map<string, Happening[]>();
  for (const one of happenings) {
    const day = byDay ? dayOf(one.at) : "";
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return [...days].map(([day, ones]) => (
    <div key={day} className="day">
      {byDay && <h2 className="quiet small">{day}</h2>}
      <ul className={byDay ? "card rows" : "rows"}>
        {ones.map((one) => (
          <li key={one.id}>
            <Row happening={one} onOpen={() => onOpen(one.id)} withDay={!byDay} />
          </li>
        ))}
      </ul>
    </div>
  ));
}

function Row({ happening, onOpen, withDay }: { happening: Happening; onOpen: () => void; withDay: boolean }) {
  const { t, maybe, date, time } = useWords();
  const { amount, direction, state } = happening;
  const sign = direction === "in" ? "+" : direction === "out" ? "−" : "";
  // What a voucher saved has left no account: its sentence says it.
  const isSaving = happening.kind === "voucher.redeemed";
  const dead = state === "failed" || state === "cancelled" || state === "reversed";
  return (
    <button type="button" className="line" onClick={onOpen}>
      <span className={direction === "in" ? "mark mark-in" : "mark"}>
        <KindIcon happening={happening} />
      </span>
      <span className="line-text">
        <span>{happening.text}</span>
        <span className="quiet small">
          {withDay && `${date(happening.at)} `}
          {time(happening.at)}
          {happening.note && ` · ${happening.note}`}
        </span>
      </span>
      <span className="line-end">
        {amount && !isSaving && (
          <span className={dead ? "figures gone" : direction === "in" ? "figures good" : "figures"}>
            {sign}
            {amount.text} {amount.symbol}
          </span>
        )}
        {state !== "done" && (
          <span className={dead ? "chip chip-bad" : "chip chip-busy"}>{maybe(`activity.state_${state}`, t("common.working"))}</span>
        )}
      </span>
    </button>
  );
}

function KindIcon({ happening }: { happening: Happening }) {
  if (happening.kind.startsWith("voucher.") || happening.kind === "campaign.claim") return <VouchersIcon />;
  if (happening.direction === "in") return <ReceiveIcon />;
  return happening.direction === "out" ? <SendIcon /> : <ContractIcon />;
}
