import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { getBytes } from "../api/client";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Verdict, useVerify } from "./Verify";

/** The bundle of a redeemed voucher: download it, check it, and see one changed byte refused. */
export function Proof({ voucher, redeemed }: { voucher: string; redeemed: boolean }) {
  const { t } = useWords();
  const make = useMutation({ mutationFn: () => getBytes(`/vouchers/${voucher}/proof`) });
  const verify = useVerify();
  const bundle = make.data;
  const file = `quanbao-proof-${voucher}.json`;
  const address = useMemo(
    () => (bundle ? URL.createObjectURL(new Blob([bundle], { type: "application/json" })) : null),
    [bundle],
  );
  useEffect(() => () => (address ? URL.revokeObjectURL(address) : undefined), [address]);

  return (
    <section className="card" aria-labelledby="proof">
      <h2 id="proof">{t("audit.proof")}</h2>
      <p className="quiet">{redeemed ? t("audit.proof_text") : t("audit.proof_not_redeemed")}</p>
      {redeemed && !bundle && (
        <button type="button" className="button" disabled={make.isPending} onClick={() => make.mutate()}>
          {make.isPending ? t("common.working") : t("audit.proof_get")}
        </button>
      )}
      <ProblemNotice error={make.error} />
      {bundle && address && (
        <div className="row row-wrap">
          <a className="button" href={address} download={file}>
            {t("audit.download")}
          </a>
          <button type="button" className="button button-quiet" disabled={verify.isPending} onClick={() => verify.mutate(bundle)}>
            {t("audit.verify")}
          </button>
          <button
            type="button"
            className="button button-plain"
            disabled={verify.isPending}
            onClick={() => verify.mutate(withOneByteChanged(bundle))}
          >
            {t("audit.tamper")}
          </button>
        </div>
      )}
      <Verdict verify={verify} />
      {bundle && (
        <p className="small">
          {t("audit.proof_offline")} <CopyText whole text={`.venv/bin/quanbao verify ${file}`} />
        </p>
      )}
    </section>
  );
}

/** Another hex digit in the middle of the file: still JSON, no longer the same statement. */
function withOneByteChanged(bundle: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const changed = bundle.slice();
  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  let place = Math.floor(changed.length / 2);
  while (place < changed.length - 1 && !isDigit(changed[place])) place += 1;
  changed[place] = changed[place] === 0x30 ? 0x31 : 0x30;
  return changed;
}
