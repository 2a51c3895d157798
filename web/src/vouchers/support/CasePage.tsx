import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { Link, useParams } from "react-router";

import { post } from "../../api/client";
import { Screen } from "../../holder/Screen";
import { useWords } from "../../i18n/language";
import { Facts } from "../../parts/Facts";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Steps } from "../../parts/Steps";
import { useMoments } from "../moments";
import { CaseChip } from "./CaseChip";
import { caseQuery, casesQuery } from "./queries";
import type { Case, CaseDetail } from "./shapes";
import { Survey } from "./Survey";

export function CasePage() {
  const { t } = useWords();
  const { caseId = "" } = useParams();
  const { data, error, refetch } = useQuery(caseQuery(caseId));
  return (
    <Screen title={data?.case.title ?? t("mycase.title")} back="/support">
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <OneCase detail={data} />
      )}
    </Screen>
  );
}

function OneCase({ detail }: { detail: CaseDetail }) {
  const { t } = useWords();
  const { full } = useMoments();
  const found = detail.case;
  const answered = detail.messages.some((message) => message.side === "merchant" || message.side === "operator");
  const done = found.status === "closed" ? 3 : answered ? 2 : 1;
  const subject = placeOf(found);
  return (
    <>
      <section className="card" aria-label={t("mycase.progress")}>
        <div className="row-between">
          <h2>{t("mycase.progress")}</h2>
          <CaseChip found={found} />
        </div>
        <Steps names={[t("mycase.step_sent"), t("mycase.step_answered"), t("mycase.step_closed")]} done={done} />
        <Facts
          rows={[
            [t("mycase.reference"), <code key="reference">{found.reference}</code>],
            [t("mycase.opened"), full(found.opened_at)],
            [t("mycase.about"), t(`mycase.about_${found.about}`)],
          ]}
        />
        {subject && <Link to={subject}>{t("mycase.to_subject")}</Link>}
        {detail.dispute && <Dispute dispute={detail.dispute} />}
      </section>
      <section className="card" aria-label={t("mycase.conversation")}>
        <h2>{t("mycase.conversation")}</h2>
        <ol className="talk">
          {detail.messages.map((message) => (
            <li key={message.id} className={`said said-${message.side}`}>
              <span className="quiet small">
                {t(`mycase.side_${message.side}`)} · {full(message.at)}
              </span>
              <p>{message.text}</p>
            </li>
          ))}
        </ol>
        {found.status !== "closed" && <Reply found={found} />}
      </section>
      {found.status === "closed" && <Survey found={found} />}
    </>
  );
}

/** The page of what the case is about. */
function placeOf({ about, subject }: Case): string | null {
  if (subject === null) return null;
  if (about === "order") return `/pay/${subject}`;
  if (about === "voucher") return `/holder/vouchers/${subject}`;
  return about === "payment" ? `/holder/transfers/${subject}` : null;
}

function Dispute({ dispute }: { dispute: NonNullable<CaseDetail["dispute"]> }) {
  const { t } = useWords();
  const text =
    dispute.status === "refunded"
      ? t("mycase.dispute_refunded")
      : dispute.status === "refused"
        ? t("mycase.dispute_refused", { answer: dispute.answer ?? "" })
        : t("mycase.dispute_open");
  return (
    <p className={dispute.status === "refunded" ? "notice notice-good" : "notice"}>
      <strong>{t("mycase.dispute")}</strong> {text}
    </p>
  );
}

function Reply({ found }: { found: Case }) {
  const { t } = useWords();
  const id = useId();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const told = async () => {
    await client.invalidateQueries({ queryKey: caseQuery(found.id).queryKey });
    await client.invalidateQueries({ queryKey: casesQuery.queryKey });
  };
  const say = useMutation({
    mutationFn: () => post(`/cases/${found.id}/messages`, { text: text.trim() }),
    onSuccess: () => setText(""),
    onSettled: told,
  });
  const close = useMutation({ mutationFn: () => post(`/cases/${found.id}/close`), onSettled: told });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="field">
        <label htmlFor={id}>{t("mycase.reply")}</label>
        <textarea id={id} rows={3} required maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <ProblemNotice error={say.error ?? close.error} />
      <div className="row">
        <button className="button" disabled={say.isPending}>
          {t("mycase.send")}
        </button>
        <button type="button" className="button button-quiet" disabled={close.isPending} onClick={() => close.mutate()}>
          {t("mycase.close")}
        </button>
      </div>
    </form>
  );
}
