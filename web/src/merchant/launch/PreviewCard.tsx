import { useWords } from "../../i18n/language";
import { useNumbers } from "../overview/numbers";
import type { Preview } from "../shapes";
import type { Rules } from "../shapes";

interface Props {
  figure: string;
  title: string;
  preview: Preview | undefined;
  busy: boolean;
  wrong: boolean;
}

/** The ticket as customers see it, and what its rules say in plain words: the API's, so that they are the rules. */
export function PreviewCard({ figure, title, preview, busy, wrong }: Props) {
  const { t } = useWords();
  return (
    <section className={wrong ? "card launch-preview faded" : "card launch-preview"} aria-labelledby="launch-preview" aria-busy={busy}>
      <h2 id="launch-preview" className="small quiet">
        {t("campaign.preview")}
      </h2>
      <div className="ticket">
        <div className="ticket-stub">
          <span className="ticket-figure">{figure}</span>
        </div>
        <div className="ticket-body">
          <strong>{title}</strong>
        </div>
      </div>
      {preview && (
        <>
          <h3>{t("launch.rules")}</h3>
          <ul className="dots small" aria-live="polite">
            {preview.summary.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <Funding preview={preview} />
        </>
      )}
    </section>
  );
}

/** What is set aside, worked out by the API: in the currency of the rules and on each chain. */
function Funding({ preview }: { preview: Preview }) {
  const { t } = useWords();
  const { money } = useNumbers();
  const rules = preview.rules as unknown as Rules;
  if (preview.funding.length === 0) return <p className="quiet small">{t("launch.no_funding")}</p>;
  const minor = preview.funding.reduce((sum, lane) => {
    const rate = rules.lanes.find((found) => found.chain === lane.chain)?.units_per_minor ?? "1";
    return sum + BigInt(lane.amount.base_units) / BigInt(rate);
  }, 0n);
  return (
    <div className="funding">
      <div className="row-between">
        <span>{t("campaign.funding")}</span>
        <strong className="figures" data-testid="funding">
          {money(Number(minor), rules.currency)}
        </strong>
      </div>
    </div>
  );
}
