import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { put, remove } from "../api/client";
import type { Consent } from "../api/types";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { consentsQuery } from "./queries";

/** Each further use of personal data, on or off. */
export function Consents() {
  const { t, language } = useWords();
  const client = useQueryClient();
  const { data, error } = useQuery(consentsQuery(language));
  const turn = useMutation({
    mutationFn: ({ purpose, given }: Consent) => (given ? remove(`/consents/${purpose}`) : put(`/consents/${purpose}`)),
    onSettled: () => client.invalidateQueries({ queryKey: ["consents"] }),
  });
  return (
    <section className="card" aria-labelledby="consents">
      <h2 id="consents">{t("consent.title")}</h2>
      <p className="quiet small">{t("consent.text")}</p>
      {!data && !error && <Loading />}
      <fieldset aria-labelledby="consents">
        {data?.map((consent) => (
          <label key={consent.purpose} className="check">
            <input type="checkbox" checked={consent.given} disabled={turn.isPending} onChange={() => turn.mutate(consent)} />
            {consent.text}
          </label>
        ))}
      </fieldset>
      <ProblemNotice error={turn.error ?? error} />
    </section>
  );
}
