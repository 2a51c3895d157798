import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";

import "../style/holder.css";
import { useWords } from "../i18n/language";
import { Screen } from "../holder/Screen";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { guidanceQuery, ROLES, type Guidance, type Role } from "./help/guidance";
import { LargeType } from "./help/LargeType";
import { placeOnPage } from "./help/where";

/** Checklists, questions, words and costs, in the reader's language, searched as they are typed; also without network. */
export default function HelpPage() {
  const { t, language } = useWords();
  const { data, error, refetch } = useQuery(guidanceQuery(language));
  const [sought, setSought] = useState("");
  return (
    <Screen title={t("help.title")}>
      <Field
        label={t("help.search")}
        type="search"
        value={sought}
        onChange={(event) => setSought(event.target.value)}
      />
      {data?.kept && (
        <p className="notice notice-warn" role="status">
          {t("help.kept")}
        </p>
      )}
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : sought.trim() === "" ? (
        <Everything guidance={data} />
      ) : (
        <Found guidance={data} sought={sought.trim()} />
      )}
      <section className="card" aria-label={t("help.ask")}>
        <div className="row-between">
          <span>
            <strong>{t("help.ask")}</strong>
            <br />
            <span className="quiet small">{t("help.ask_text")}</span>
          </span>
          <Link to="/support" className="button">
            {t("mycase.new")}
          </Link>
        </div>
      </section>
      <LargeType />
    </Screen>
  );
}

function Everything({ guidance }: { guidance: Guidance }) {
  const { t } = useWords();
  return (
    <>
      <Checklist guidance={guidance} />
      <section className="card" aria-labelledby="help-questions">
        <h2 id="help-questions">{t("help.questions")}</h2>
        <Topics questions={guidance.questions} />
      </section>
      <section className="card" aria-labelledby="help-costs">
        <h2 id="help-costs">{t("help.costs")}</h2>
        <Costs costs={guidance.costs} />
      </section>
      <section className="card" aria-labelledby="help-words">
        <h2 id="help-words">{t("help.glossary")}</h2>
        <Words words={guidance.words} />
      </section>
    </>
  );
}

function Checklist({ guidance }: { guidance: Guidance }) {
  const { t } = useWords();
  const choice = useId();
  const [role, setRole] = useState<Role>("holder");
  return (
    <section className="card" aria-labelledby="help-checklist">
      <div className="row-between">
        <h2 id="help-checklist">{t("help.checklist")}</h2>
        <span className="row-wrap">
          <label htmlFor={choice}>{t("help.role")}</label>
          <select id={choice} className="select-fit" value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {t(`help.role_${one}`)}
              </option>
            ))}
          </select>
        </span>
      </div>
      <ol className="checklist">
        {guidance.checklists[role].map((step) => {
          const place = placeOnPage(step.where);
          return (
            <li key={step.id}>
              <span className="gift-text">
                <strong>{step.do}</strong>
                <span className="quiet small">{step.why}</span>
              </span>
              {place && (
                <Link to={place} aria-label={`${t("help.go")}: ${step.do}`}>
                  {t("help.go")}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Topics({ questions }: { questions: Guidance["questions"] }) {
  const { maybe } = useWords();
  return [...new Set(questions.map((one) => one.topic))].map((topic) => (
    <div key={topic} className="topic">
      <h3 className="quiet small">{maybe(`help.topic_${topic.replaceAll(" ", "_")}`, topic)}</h3>
      <Questions questions={questions.filter((one) => one.topic === topic)} />
    </div>
  ));
}

function Questions({ questions, open = false }: { questions: Guidance["questions"]; open?: boolean }) {
  return questions.map((one) => (
    <details key={one.id} className="question" open={open}>
      <summary>{one.question}</summary>
      <p>{one.answer}</p>
    </details>
  ));
}

function Costs({ costs }: { costs: Guidance["costs"] }) {
  const { t } = useWords();
  return (
    <ul className="costs">
      {costs.map((one) => (
        <li key={one.id}>
          <span className="row-between">
            <strong>{one.act}</strong>
            <span className="chip">
              {t("help.who_pays")}: {one.who_pays}
            </span>
          </span>
          <span>{one.cost}</span>
          <span className="quiet small">{one.why}</span>
        </li>
      ))}
    </ul>
  );
}

function Words({ words }: { words: Guidance["words"] }) {
  return (
    <dl className="words-told">
      {words.map((one) => (
        <div key={one.id}>
          <dt>{one.term}</dt>
          <dd>{one.meaning}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Every entry that has all the words that were typed, wherever in it. */
function Found({ guidance, sought }: { guidance: Guidance; sought: string }) {
  const { t } = useWords();
  const parts = sought.toLowerCase().split(/\s+/u);
  const has = (...texts: string[]) => {
    const text = texts.join(" ").toLowerCase();
    return parts.every((part) => text.includes(part));
  };
  const questions = guidance.questions.filter((one) => has(one.question, one.answer));
  const words = guidance.words.filter((one) => has(one.term, one.meaning));
  const costs = guidance.costs.filter((one) => has(one.act, one.cost, one.why));
  const count = questions.length + words.length + costs.length;
  return (
    <section className="card" aria-live="polite">
      <h2>{count > 0 ? t("help.found", { count }) : t("help.none_found")}</h2>
      <Questions questions={questions} open />
      {words.length > 0 && <Words words={words} />}
      {costs.length > 0 && <Costs costs={costs} />}
    </section>
  );
}
