import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useParams } from "react-router";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { DisputeCard } from "../orders/DisputeCard";
import { Heading } from "../parts/Heading";
import { TextArea } from "../parts/TextArea";
import { caseQuery, redemptionQuery } from "../queries";
import type { CaseDetail } from "../shapes";
import { useShop } from "../shop";
import { CASE_CHIPS } from "./CaseList";

/** One customer's case: what was said, what it is about, and the shop's answer. */
export function CasePage() {
  const { t } = useWords();
  const shop = useShop();
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery(caseQuery(shop.id, id));
  const back = ["/merchant/cases", t("shop.cases")] as const;
  if (data === undefined) {
    return (
      <>
        <Heading title={t("cases.one")} back={back} />
        {error ? <ProblemNotice error={error} again={() => void refetch()} /> : <Loading />}
      </>
    );
  }
  return (
    <>
      <Heading title={data.case.title} back={back} chip={<span className={CASE_CHIPS[data.case.status]}>{t(`cases.${data.case.status}`)}</span>} />
      <div className="columns columns-even">
        <Conversation found={data} />
        <About found={data} />
      </div>
    </>
  );
}

function Conversation({ found }: { found: CaseDetail }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const say = useMutation({
    mutationFn: (close: "solved" | "refused" | null) =>
      post(`/cases/inbox/${found.case.id}/messages`, { text: text.trim(), close }, { organisation: shop.id, act: "case" }),
    onSuccess: () => setText(""),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: caseQuery(shop.id, found.case.id).queryKey }),
        client.invalidateQueries({ queryKey: ["inbox", shop.id] }),
      ]),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say.mutate(null);
  };
  const empty = text.trim() === "" || say.isPending;
  return (
    <section className="card" aria-labelledby="conversation">
      <h2 id="conversation">{t("cases.conversation")}</h2>
      <ol className="talk">
        {found.messages.map((message) => (
          <li key={message.id} className={message.side === "merchant" ? "talk-own" : undefined}>
            <span className="quiet small">
              {t(`cases.side_${message.side}`)} · {date(message.at)} {time(message.at)}
            </span>
            <p>{message.text}</p>
          </li>
        ))}
      </ol>
      {found.case.status === "closed" ? (
        <p className="notice">{found.case.outcome ? t(`cases.outcome_${found.case.outcome}`) : t("cases.closed")}</p>
      ) : (
        <form className="form" onSubmit={submit}>
          <TextArea label={t("cases.answer")} value={text} maxLength={4000} rows={3} onChange={(event) => setText(event.target.value)} />
          <ProblemNotice error={say.error} />
          <div className="row">
            <button className="button" disabled={empty}>
              {say.isPending ? t("common.working") : t("cases.send")}
            </button>
            <button type="button" className="button button-quiet" disabled={empty} onClick={() => say.mutate("solved")}>
              {t("cases.send_solved")}
            </button>
            <button type="button" className="button button-quiet" disabled={empty} onClick={() => say.mutate("refused")}>
              {t("cases.send_refused")}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}

/** The order or redemption behind it, and the dispute, which is decided here. */
function About({ found }: { found: CaseDetail }) {
  const { t } = useWords();
  const { about, subject, reference } = found.case;
  const redemption = useQuery({ ...redemptionQuery(subject ?? ""), enabled: about === "redemption" && subject !== null });
  const order = about === "order" ? subject : redemption.data?.order;
  return (
    <div className="column">
      <section className="card" aria-labelledby="about">
        <h2 id="about">{t(`cases.about_${about}`)}</h2>
        <p className="quiet small">{t("cases.reference", { reference })}</p>
        {order && <Link to={`/merchant/orders/${order}`}>{t("cases.to_order")}</Link>}
        <ProblemNotice error={redemption.error} />
      </section>
      {redemption.data && <DisputeCard redemption={redemption.data} />}
    </div>
  );
}
