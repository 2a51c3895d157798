import type { Voucher } from "../api/types";
import { useWords } from "../i18n/language";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { useMoments } from "./moments";
import type { PublicClaim } from "./shapes";
import { DAY, lastMoment } from "./states";

interface Props {
  voucher: Voucher;
  told: Pick<PublicClaim, "organisation" | "summary"> | null;
  failed: boolean;
  again: () => void;
}

/** What it gives, where and until when: the rule document in plain words. */
export function VoucherTerms({ voucher, told, failed, again }: Props) {
  const { t } = useWords();
  return (
    <>
      <section className="card" aria-labelledby="voucher-terms">
        <h2 id="voucher-terms">{t("voucher.terms")}</h2>
        {told ? (
          <ul className="dots">
            {told.summary.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        ) : failed ? (
          <div className="row-between">
            <span className="quiet">{t("voucher.terms_missing")}</span>
            <button type="button" className="button button-quiet" onClick={again}>
              {t("common.again")}
            </button>
          </div>
        ) : (
          <Loading />
        )}
      </section>
      <Where voucher={voucher} shop={told?.organisation ?? null} />
      <UntilWhen voucher={voucher} />
    </>
  );
}

function Where({ voucher, shop }: { voucher: Voucher; shop: string | null }) {
  const { t } = useWords();
  const { merchants, stores, categories, skus, excluded_skus: excluded } = voucher.works;
  const count = merchants?.length ?? 1;
  const shops = count === 0 ? t("voucher.where_nowhere") : count > 1 ? t("voucher.where_many", { count }) : shop && t("voucher.where_shop", { shop });
  const everywhere = stores === null && categories === null && skus === null && excluded.length === 0;
  return (
    <section className="card" aria-labelledby="voucher-where">
      <h2 id="voucher-where">{t("voucher.where")}</h2>
      {shops && <p>{shops}</p>}
      {everywhere && count > 0 && <p className="quiet">{t("voucher.where_all_stores")}</p>}
      <Facts
        rows={[
          [t("voucher.stores"), stores?.join(" · ")],
          [t("voucher.categories"), categories?.join(" · ")],
          [t("voucher.goods"), skus?.join(" · ")],
          [t("voucher.excluded"), excluded.join(" · ")],
        ]}
      />
    </section>
  );
}

function UntilWhen({ voucher }: { voucher: Voucher }) {
  const { t } = useWords();
  const { full, day, foreignZone } = useMoments();
  const zone = foreignZone(voucher.zone);
  const last = lastMoment(voucher.valid_until);
  const hours = Math.floor(voucher.refund_seconds / 3600);
  const days = Math.floor((voucher.refund_seconds * 1000) / DAY);
  const back =
    hours === 0 ? t("voucher.refund_never") : days > 0 ? t("voucher.refund_days", { days }) : t("voucher.refund_hours", { hours });
  return (
    <section className="card" aria-labelledby="voucher-when">
      <h2 id="voucher-when">{t("voucher.when")}</h2>
      <Facts
        rows={[
          [t("voucher.when_from"), full(voucher.valid_from, voucher.zone)],
          [t("voucher.when_last"), day(voucher.last_day)],
          [t("voucher.when_ends"), full(last, voucher.zone)],
          [t("voucher.change_hands"), <Handing key="hands" transfer={voucher.transfer} />],
          [t("voucher.refund_window"), back],
        ]}
      />
      {zone && (
        <p className="quiet small">
          {t("voucher.when_zone", { zone })} {t("voucher.ends_other", { moment: full(last) })}
        </p>
      )}
    </section>
  );
}

function Handing({ transfer }: { transfer: string }) {
  const { maybe } = useWords();
  return <>{maybe(`voucher.transfer_${transfer}`, transfer)}</>;
}
