import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "react-router";

import { chainOf } from "../chains";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { unitsText } from "./amount";
import { AskedNotice } from "./AskedNotice";
import { useCurrency } from "./currency";
import { Empty } from "./Empty";
import { sendable } from "./holding";
import { worthQuery } from "./queries";
import { Screen } from "./Screen";
import { SendForm, type Draft } from "./SendForm";
import { SendReview } from "./SendReview";
import type { AskedPayment, TransferWish } from "./shapes";

/** What to send, a second look, and off it goes. */
export default function SendPage() {
  const { t } = useWords();
  const [query] = useSearchParams();
  // A request that was scanned comes along in the history's state; a reload keeps it.
  const asked = (useLocation().state as { asked?: AskedPayment } | null)?.asked;
  const { data, error, refetch } = useQuery(worthQuery(useCurrency()));
  const [draft, setDraft] = useState<Draft | null>(null);
  const [wish, setWish] = useState<TransferWish | null>(null);

  const holdings = data?.items.filter(sendable).filter((item) => !item.hidden) ?? [];
  const fitting = asked ? holdings.filter((item) => fits(item.account, item.amount.asset, asked)) : holdings;
  const begin = (): Draft => {
    const wanted = fitting.find(
      (item) => item.account === query.get("account") && item.amount.asset === query.get("asset"),
    );
    const there = fitting.find((item) => chainOf(item.account) === query.get("chain"));
    const first = wanted ?? there ?? fitting[0];
    const amount = asked?.amount ? unitsText(BigInt(asked.amount.base_units), asked.amount.decimals) : "";
    const recipient = asked?.account ?? query.get("to") ?? "";
    return { account: first?.account ?? "", asset: first?.amount.asset ?? "", recipient, amount, speed: "normal" };
  };

  return (
    <Screen title={t("send.title")} back="/holder">
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <>
          {asked && <AskedNotice asked={asked} />}
          {fitting.length === 0 ? (
            <Empty
              act={
                <Link to="/holder/receive" className="button">
                  {t("send.get_some")}
                </Link>
              }
            >
              {t("send.nothing")}
            </Empty>
          ) : wish ? (
            <SendReview wish={wish} onChange={() => setWish(null)} />
          ) : (
            <SendForm
              holdings={fitting}
              draft={draft ?? begin()}
              fixed={asked !== undefined}
              onDraft={setDraft}
              onReview={setWish}
            />
          )}
        </>
      )}
    </Screen>
  );
}

function fits(account: string, asset: string, asked: AskedPayment): boolean {
  return chainOf(account) === chainOf(asked.account) && (asked.asset === null || asked.asset === asset);
}
