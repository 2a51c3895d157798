import { useMutation, type UseMutationResult } from "@tanstack/react-query";

import { postBytes } from "../api/client";
import { Problem } from "../api/problem";
import type { Report } from "../api/types";
import { shortId } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";

type Verification = UseMutationResult<Report, Error, Uint8Array<ArrayBuffer>>;

export function useVerify(): Verification {
  return useMutation({ mutationFn: (bundle: Uint8Array<ArrayBuffer>) => postBytes<Report>("/audit/verify", bundle) });
}

/** Accepted with each fact and what carries it, or refused with the check that failed. */
export function Verdict({ verify }: { verify: Verification }) {
  const { t } = useWords();
  const { data: report, error } = verify;
  if (verify.isPending) return <Loading />;
  if (error instanceof Problem && error.code === "proof_rejected") {
    const check = error.facts.check;
    return (
      <div className="notice notice-bad verdict" role="alert">
        <strong>✕ {t("audit.refused")}</strong>
        <p>{error.detail}</p>
        {typeof check === "string" && <p className="small">{t("audit.refused_at", { check })}</p>}
      </div>
    );
  }
  if (error) return <ProblemNotice error={error} />;
  if (report === undefined) return null;
  return (
    <div className="verdict" role="status">
      <div className="notice notice-good">
        <strong>✓ {t("audit.accepted")}</strong>
        <p>{t("audit.accepted_text")}</p>
      </div>
      <ul className="plain proofs">
        {report.facts.map((fact) => (
          <li key={fact.name + fact.statement}>
            <span className={fact.basis === "proven" ? "chip chip-good" : "chip chip-warn"}>
              {fact.basis === "proven" ? t("audit.proven") : t("audit.attested")}
            </span>
            <span>
              <Statement text={fact.statement} />
              {fact.basis !== "proven" && (
                <span className="quiet small"> {t("audit.attested_by", { key: shortId(fact.basis.replace(/^attested by /, "")) })}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className="small quiet">
        {t("audit.digest")} <CopyText text={report.digest} label={t("audit.digest")} />
      </p>
    </div>
  );
}

const LONG_ID = /((?:0x)?[0-9A-Za-z]{24,})/;

/** A statement with its long ids shortened; the whole id stands in the tooltip. */
function Statement({ text }: { text: string }) {
  return text.split(LONG_ID).map((part, place) =>
    place % 2 === 0 ? (
      part
    ) : (
      <code key={place} title={part}>
        {shortId(part)}
      </code>
    ),
  );
}

export function VerifyFile() {
  const { t } = useWords();
  const verify = useVerify();
  const check = async (file: File | undefined) => {
    if (file) verify.mutate(new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <section className="card" aria-labelledby="verify-file">
      <h2 id="verify-file">{t("audit.verify_file")}</h2>
      <label className="field">
        <span>{t("audit.verify_file_text")}</span>
        <input type="file" accept="application/json,.json" onChange={(event) => void check(event.target.files?.[0])} />
      </label>
      <Verdict verify={verify} />
    </section>
  );
}
