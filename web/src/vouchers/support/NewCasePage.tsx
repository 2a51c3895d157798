import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { post } from "../../api/client";
import { Screen } from "../../holder/Screen";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { casesQuery } from "./queries";
import { SUBJECTS, type Case, type Subject } from "./shapes";

const MOST_TEXT = 4000;

/** A question, with what it is about already filled in where the person came from a payment or a voucher. */
export function NewCasePage() {
  const { t } = useWords();
  const ids = useId();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [given] = useSearchParams();
  const about = SUBJECTS.find((one) => one === given.get("about")) ?? ("general" satisfies Subject);
  const subject = given.get("subject");
  const named = given.get("title");
  const [title, setTitle] = useState(named && about !== "general" ? `${t(`mycase.about_${about}`)}: ${named}`.slice(0, 120) : "");
  const [text, setText] = useState("");
  const [contests, setContests] = useState(about === "redemption");
  const send = useMutation({
    mutationFn: () =>
      post<Case>("/cases", {
        title: title.trim(),
        text: text.trim(),
        about,
        ...(subject && about !== "general" ? { subject } : {}),
        ...(about === "redemption" ? { dispute: contests } : {}),
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: casesQuery.queryKey });
      void navigate(`/support/${made.id}`, { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Screen title={t("mycase.new")} back="/support">
      <form className="card form" onSubmit={submit}>
        {about !== "general" && (
          <p>
            <span className="quiet">{t("mycase.about")}</span> <strong>{t(`mycase.about_${about}`)}</strong> {named}
          </p>
        )}
        <Field label={t("mycase.subject")} value={title} required maxLength={120} onChange={(event) => setTitle(event.target.value)} />
        <div className="field">
          <label htmlFor={`${ids}-text`}>{t("mycase.text")}</label>
          <textarea
            id={`${ids}-text`}
            rows={6}
            required
            maxLength={MOST_TEXT}
            aria-describedby={`${ids}-hint`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p id={`${ids}-hint`} className="small quiet">
            {t("mycase.text_hint")}
          </p>
        </div>
        {about === "redemption" && (
          <label className="check">
            <input type="checkbox" checked={contests} onChange={(event) => setContests(event.target.checked)} />
            {t("mycase.contest")}
          </label>
        )}
        <ProblemNotice error={send.error} />
        <button className="button" disabled={send.isPending}>
          {send.isPending ? t("common.working") : t("mycase.send")}
        </button>
      </form>
    </Screen>
  );
}
