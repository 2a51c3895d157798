import { useQuery } from "@tanstack/react-query";

import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { powersQuery } from "./queries";

/** What the issuer can still do, as the chain says; where it is silent, as the terms declare. */
export function Powers({ voucher }: { voucher: Voucher }) {
  const { t, maybe } = useWords();
  const { data, error } = useQuery(powersQuery(voucher.campaign));
  const read = data?.filter((power) => power.chain === voucher.chain);
  const codes = read?.map((power) => power.code) ?? voucher.issuer_can;
  const text = (code: string) => read?.find((power) => power.code === code)?.text ?? code;
  return (
    <section className="card" aria-labelledby="voucher-powers">
      <h2 id="voucher-powers">{t("voucher.powers")}</h2>
      {data === undefined && error === null ? (
        <Loading />
      ) : (
        <>
          {voucher.issuer_can.length === 0 && <p>{t("voucher.powers_none")}</p>}
          {codes.length > 0 && (
            <ul className="dots">
              {[...new Set(codes)].map((code) => (
                <li key={code}>{maybe(`power.${code}`, text(code))}</li>
              ))}
            </ul>
          )}
          <p className="quiet small">{t(error ? "voucher.powers_terms" : "voucher.powers_read")}</p>
        </>
      )}
    </section>
  );
}
