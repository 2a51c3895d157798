import { useState } from "react";

import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";

const CAMPAIGN = /^[0-9a-f]{48}$/;

/** Filters, and the file they name. */
export function ExportsPage() {
  const { t } = useWords();
  const [kind, setKind] = useState("facts");
  const [format, setFormat] = useState("csv");
  const [campaign, setCampaign] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");

  const wrong = campaign !== "" && !CAMPAIGN.test(campaign);
  const wanted = new URLSearchParams({ kind, format });
  if (campaign) wanted.set("campaign", campaign);
  // Midnight where the auditor sits.
  if (since) wanted.set("since", new Date(`${since}T00:00`).toISOString());
  if (until) wanted.set("until", new Date(`${until}T00:00`).toISOString());

  return (
    <section className="card form page-narrow" aria-labelledby="exports">
      <h2 id="exports">{t("audit.exports")}</h2>
      <p className="quiet">{t("audit.exports_text")}</p>
      <label className="field">
        <span>{t("audit.export.kind")}</span>
        <select value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="facts">{t("audit.export.facts")}</option>
          <option value="vouchers">{t("audit.export.vouchers")}</option>
        </select>
      </label>
      <label className="field">
        <span>{t("audit.export.format")}</span>
        <select value={format} onChange={(event) => setFormat(event.target.value)}>
          <option value="csv">CSV</option>
          <option value="jsonl">JSON Lines</option>
        </select>
      </label>
      <Field
        label={t("audit.export.campaign")}
        value={campaign}
        spellCheck={false}
        autoComplete="off"
        error={wrong ? t("audit.export.campaign_bad") : null}
        onChange={(event) => setCampaign(event.target.value.trim().toLowerCase())}
      />
      <div className="pair">
        <Field label={t("audit.export.since")} type="date" value={since} onChange={(event) => setSince(event.target.value)} />
        <Field label={t("audit.export.until")} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
      </div>
      {wrong ? (
        <button type="button" className="button" disabled>
          {t("audit.export.get")}
        </button>
      ) : (
        <a className="button" href={`/api/v1/audit/export?${wanted.toString()}`} download={`quanbao-${kind}.zip`}>
          {t("audit.export.get")}
        </a>
      )}
    </section>
  );
}
