import { useQuery } from "@tanstack/react-query";

import { useWords } from "../../i18n/language";
import { effectFigure, effectUnit, effectWords } from "../effect";
import { useMoments } from "../moments";
import type { PublicClaim } from "../shapes";
import { Ticket } from "../Ticket";
import { rulesQuery } from "./queries";

/** What the campaign gives, how many are left right now, and until when. */
export function Preview({ told }: { told: PublicClaim }) {
  const words = useWords();
  const { t, language } = words;
  const { full, foreignZone } = useMoments();
  const rules = useQuery(rulesQuery(told.campaign)).data;
  const zone = rules?.window.zone;
  const foreign = zone && foreignZone(zone);
  const number = new Intl.NumberFormat(language);
  return (
    <Ticket
      figure={rules ? effectFigure(rules.kind, rules.effect, rules.currency) : "券"}
      unit={rules ? effectUnit(words, rules.kind) : ""}
      past={!told.open}
      large
    >
      <strong>{rules ? effectWords(words, rules.kind, rules.effect, rules.currency) : told.title}</strong>
      <span className="quiet">
        {told.title} · {t("claimpage.from", { shop: told.organisation })}
      </span>
      <span className="row-wrap small">
        <span className={told.remaining > 0 ? "chip chip-good" : "chip"} data-testid="remaining" aria-live="polite">
          {t("claimpage.remaining", { count: number.format(told.remaining) })}
        </span>
        <span className="quiet">
          {t("claimpage.closes", { moment: full(Date.parse(told.closes_at) - 1, zone) })}
          {foreign && ` (${foreign})`}
        </span>
      </span>
    </Ticket>
  );
}

/** What the rule document says, sentence by sentence. */
export function CampaignTerms({ told }: { told: PublicClaim }) {
  const { t } = useWords();
  return (
    <details className="card" open={told.open}>
      <summary>{t("claimpage.terms")}</summary>
      <ul className="dots">
        {told.summary.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
