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
import { useMe } from "../session/session";
import { Trace } from "./Trace";
import { VerifyFile } from "./Verify";

/** Any id → what it names → the life of a voucher → its proof. The address holds the search, so that it can be shared. */
export function AuditorPage() {
  const { t } = useWords();
  const me = useMe();
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("q") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);

  const search = useQuery({
    queryKey: ["search", asked],
    queryFn: () => get<Page<Hit>>(`/audit/search?q=${encodeURIComponent(asked)}`).then((page) => page.items),
    enabled: asked !== "",
  });
  const vouchers = search.data?.filter((hit) => hit.kind === "voucher") ?? [];
  const chosen = parameters.get("voucher") ?? (vouchers.length === 1 ? vouchers[0]?.id : undefined);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) setParameters({ q: text.trim() });
  };

  if (!me.platform_roles.includes("auditor")) {
    return (
      <main className="page page-narrow">
        <h1>{t("audit.title")}</h1>
        <p className="notice">{t("audit.only_auditors")}</p>
      </main>
    );
  }
  return (
    <main className="page">
      <h1>{t("audit.title")}</h1>
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
      {search.data && <Hits hits={search.data} onTrace={(voucher) => setParameters({ q: asked, voucher })} />}
      {chosen && <Trace key={chosen} voucher={chosen} />}
      <VerifyFile />
    </main>
  );
}

function Hits({ hits, onTrace }: { hits: readonly Hit[]; onTrace: (voucher: string) => void }) {
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
              {hit.because !== "id" && t("audit.hit_because", { because: hit.because.replaceAll("_", " ") })} {hit.chain && name(hit.chain)}
            </span>
            {hit.kind === "voucher" && (
              <button type="button" className="button button-quiet" onClick={() => onTrace(hit.id)}>
                {t("audit.submit")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
