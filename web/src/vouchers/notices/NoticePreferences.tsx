import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { put } from "../../api/client";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { preferencesQuery } from "./queries";
import type { NoticeKind, Preferences } from "./shapes";

/** In the order in which people look for them. */
const KINDS: readonly NoticeKind[] = [
  "received", "expiring", "redeemed", "refunded", "payment_failed", "case", "dispute", "launch", "frozen", "account", "webhook",
];
/** It is always told, here and by mail if the person likes. */
const ALWAYS: NoticeKind = "frozen";
const ZONES = ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"];

export function NoticePreferences() {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(preferencesQuery);
  return (
    <section className="card" aria-labelledby="notice-preferences">
      <h2 id="notice-preferences">{t("notices.preferences")}</h2>
      {error && !data && <ProblemNotice error={error} again={() => void refetch()} />}
      {data && <Form known={data} />}
    </section>
  );
}

function Form({ known }: { known: Preferences }) {
  const { t } = useWords();
  const client = useQueryClient();
  const ids = useId();
  const [wish, setWish] = useState<Preferences>(known);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const keep = useMutation({
    mutationFn: () => put<Preferences>("/notifications/preferences", wish),
    onSuccess: async (kept) => {
      client.setQueryData(preferencesQuery.queryKey, kept);
      await client.invalidateQueries({ queryKey: ["notices"] });
    },
  });
  const change = (changed: Partial<Preferences>) => {
    keep.reset();
    setWish({ ...wish, ...changed });
  };
  const turned = (list: readonly NoticeKind[], kind: NoticeKind, on: boolean) =>
    on ? [...list, kind] : list.filter((one) => one !== kind);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <p className="quiet small">{t("notices.preferences_text")}</p>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("notices.kind")}</th>
              <th scope="col">{t("notices.here")}</th>
              <th scope="col">{t("notices.mail")}</th>
            </tr>
          </thead>
          <tbody>
            {KINDS.map((kind) => (
              <tr key={kind}>
                <th scope="row" id={`${ids}-${kind}`}>
                  {t(`notices.kind_${kind}`)}
                </th>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${t(`notices.kind_${kind}`)}: ${t("notices.here")}`}
                    checked={!wish.muted.includes(kind)}
                    disabled={kind === ALWAYS}
                    onChange={(event) => change({ muted: turned(wish.muted, kind, !event.target.checked) })}
                  />
                </td>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${t(`notices.kind_${kind}`)}: ${t("notices.mail")}`}
                    checked={wish.mail.includes(kind)}
                    onChange={(event) => change({ mail: turned(wish.mail, kind, event.target.checked) })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="field">
        <label htmlFor={`${ids}-language`}>{t("notices.language")}</label>
        <select
          id={`${ids}-language`}
          value={wish.language ?? ""}
          onChange={(event) => change({ language: (event.target.value || null) as Preferences["language"] })}
        >
          <option value="">{t("notices.language_auto")}</option>
          <option value="zh-CN">中文</option>
          <option value="en">English</option>
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${ids}-zone`}>{t("notices.zone")}</label>
        <select id={`${ids}-zone`} value={wish.zone ?? ""} onChange={(event) => change({ zone: event.target.value || null })}>
          <option value="">{t("notices.zone_auto")}</option>
          {[...new Set([own, ...(wish.zone ? [wish.zone] : []), ...ZONES])].map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </select>
      </div>
      <ProblemNotice error={keep.error} />
      <div className="row">
        <button className="button" disabled={keep.isPending}>
          {t("notices.save")}
        </button>
        {keep.isSuccess && (
          <span className="good" role="status">
            {t("notices.saved")}
          </span>
        )}
      </div>
    </form>
  );
}
