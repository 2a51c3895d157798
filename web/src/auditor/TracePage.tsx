import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useSearchParams } from "react-router";

import { get } from "../api/client";
import type { Hit, Page } from "../api/types";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Custody } from "./Custody";
import { Trace } from "./Trace";
import { VerifyFile } from "./Verify";

/** What has a chain of custody of its own, by the kind of hit that names it. */
const SUBJECTS: Readonly<Record<string, string>> = { campaign: "campaign", account: "holder" };

/** Any id → what it names → the life of a voucher → its proof. The address holds the search, so that it can be shared. */
export function TracePage() {
  const { t } = useWords();
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("q") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);

  const search = useQuery({
    queryKey: ["search", asked],
    queryFn: () => get<Page<Hit>>(`/audit/search?q=${encodeURIComponent(asked)}`).then((page) => page.items),
    enabled: asked !== "",
  });
  const hits = search.data ?? [];
  const vouchers = hits.filter((hit) => hit.kind === "voucher");
  const chosen = parameters.get("voucher") ?? (vouchers.length === 1 ? vouchers[0]?.id : undefined);
  const subject = hits.find((hit) => hit.id === parameters.get("subject") && hit.kind in SUBJECTS);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) setParameters({ q: text.trim() });
  };
  const choose = (hit: Hit) => setParameters({ q: asked, [hit.kind === "voucher" ? "voucher" : "subject"]: hit.id });

  return (
    <>
      <form className="card row row-end" role="search" onSubmit={submit}>
        <Field
          label={t("audit.search")}
          type="search"
          value={text}
          required
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <button className="button">{t("audit.submit")}</button>
      </form>
      {search.error && <ProblemNotice error={search.error} again={() => void search.refetch()} />}
      {search.isLoading && <Loading />}
      {search.data && <Hits hits={search.data} onTrace={choose} />}
      {subject ? (
        <Custody key={subject.id} kind={SUBJECTS[subject.kind] ?? subject.kind} name={subject.kind} subject={subject.id} />
      ) : (
        chosen && <Trace key={chosen} voucher={chosen} />
      )}
      <VerifyFile />
    </>
  );
}

function Hits({ hits, onTrace }: { hits: readonly Hit[]; onTrace: (hit: Hit) => void }) {
  const { t, maybe } = useWords();
  const { name } = useChainNames();
  if (hits.length === 0) return <p className="notice">{t("audit.no_hits")}</p>;
  return (
    <section className="card" aria-labelledby="hits">
      <h2 id="hits">{t("audit.hits")}</h2>
      <ul className="plain list">
        {hits.map((hit) => (
          <li key={hit.kind + hit.id + hit.because} className="hit">
            <span className="chip">{maybe(`audit.kind.${hit.kind}`, hit.kind)}</span>
            <CopyText text={hit.id} label={maybe(`audit.kind.${hit.kind}`, hit.kind)} />
            <span className="quiet small">
              {hit.because !== "id" && t("audit.hit_because", { because: maybe(`audit.because.${hit.because}`, hit.because.replaceAll("_", " ")) })} {hit.chain && name(hit.chain)}
            </span>
            {(hit.kind === "voucher" || hit.kind in SUBJECTS) && (
              <button type="button" className="button button-quiet" onClick={() => onTrace(hit)}>
                {t("audit.submit")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
