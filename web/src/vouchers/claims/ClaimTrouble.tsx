import { Link } from "react-router";

import { Problem } from "../../api/problem";
import type { TextName } from "../../i18n/dictionary";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";

interface Props {
  error: unknown;
  again?: () => void;
  onAnother?: () => void;
}

/** Why a claim is not taken: each reason in its own words, with a way on. */
export function ClaimTrouble({ error, again, onAnother }: Props) {
  const { t } = useWords();
  if (error === null || error === undefined) return null;
  const known = error instanceof Problem ? wordsFor(error) : null;
  if (known === null) return <ProblemNotice error={error} again={again} />;
  const [title, text] = known;
  const { facts, code } = error as Problem;
  const seconds = typeof facts.retry_after_seconds === "number" ? facts.retry_after_seconds : 1;
  return (
    <div className={text === "claimpage.already_text" ? "notice" : "notice notice-bad"} role="alert">
      <strong>{t(title, { seconds })}</strong>
      {text && <p>{t(text)}</p>}
      <div className="row">
        {code === "identity_level_too_low" && (
          <Link to="/safety" className="button button-quiet">
            {t("claimpage.to_safety")}
          </Link>
        )}
        {text === "claimpage.already_text" && (
          <Link to="/holder/vouchers" className="button button-quiet">
            {t("voucher.wallet")}
          </Link>
        )}
        {code === "too_many_attempts" && again && (
          <button type="button" className="button button-quiet" onClick={again}>
            {t("common.again")}
          </button>
        )}
        {onAnother && (
          <button type="button" className="button button-quiet" onClick={onAnother}>
            {t("claimpage.another")}
          </button>
        )}
      </div>
    </div>
  );
}

function wordsFor({ code, facts }: Problem): readonly [title: TextName, text: TextName | null] | null {
  switch (code) {
    case "claim_code_invalid":
      return ["claimpage.wrong", "claimpage.wrong_text"];
    case "campaign_not_found":
      return ["claimpage.no_campaign", "claimpage.wrong_text"];
    case "too_many_attempts":
      return ["claimpage.slow_down", null];
    case "campaign_exhausted":
      // The limit of a person, an account or a device is told with it; the campaign's own cap is not.
      return facts.limit === undefined && facts.holder === undefined
        ? ["claimpage.gone", "claimpage.gone_text"]
        : ["claimpage.already", "claimpage.already_text"];
    case "campaign_not_active":
      return facts.status === "paused"
        ? ["claimpage.paused", "claimpage.paused_text"]
        : ["claimpage.ended", null];
    case "identity_level_too_low":
      return ["claimpage.level_email", null];
    default:
      return null;
  }
}
