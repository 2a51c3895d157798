import { useState } from "react";
import { Link } from "react-router";

import type { Voucher } from "../api/types";
import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMoments } from "./moments";
import { byExpiry, stateOf, type State } from "./states";
import { useVouchers } from "./useVouchers";
import { VoucherCard } from "./VoucherCard";
import { VoucherTabs } from "./VoucherTabs";
import { WaitingLeaves } from "./WaitingLeaves";

const FILTERS = {
  usable: new Set<State>(["usable", "soon", "waiting", "settling", "in_flight", "paused", "diverged"]),
  soon: new Set<State>(["soon"]),
  busy: new Set<State>(["settling", "in_flight"]),
  past: new Set<State>(["used", "void", "expired"]),
} as const;
type Filter = keyof typeof FILTERS;
const NAMES = Object.keys(FILTERS) as Filter[];
/** From so many on, a title is faster typed than found by eye. */
const SEARCHED_FROM = 7;

export function VoucherWallet() {
  const { t } = useWords();
  const { full } = useMoments();
  const { vouchers, keptAt, error, again } = useVouchers();
  const [filter, setFilter] = useState<Filter>("usable");
  const [sought, setSought] = useState("");
  const claim = (
    <Link to="/claim" className="button button-quiet">
      {t("voucher.claim_code")}
    </Link>
  );
  const found = (vouchers ?? []).filter(
    (voucher) => FILTERS[filter].has(stateOf(voucher)) && voucher.title.toLowerCase().includes(sought.trim().toLowerCase()),
  );
  return (
    <Screen title={t("voucher.wallet")}>
      <VoucherTabs />
      <div className="row voucher-acts">
        <Link to="/holder/vouchers/present" className="button">
          {t("present.title")}
        </Link>
        {claim}
      </div>
      {keptAt === null && <WaitingLeaves />}
      {keptAt && (
        <p className="notice notice-warn" role="status">
          {t("voucher.kept_from", { moment: full(keptAt) })}
        </p>
      )}
      {error ? (
        <ProblemNotice error={error} again={again} />
      ) : vouchers === undefined ? (
        <Loading />
      ) : (
        <>
          <Filters vouchers={vouchers} chosen={filter} onChoose={setFilter} />
          {vouchers.length >= SEARCHED_FROM && (
            <Field label={t("voucher.search")} type="search" value={sought} onChange={(event) => setSought(event.target.value)} />
          )}
          {found.length === 0 ? (
            <Empty>{t(sought === "" ? `voucher.empty_${filter}` : "voucher.empty_search")}</Empty>
          ) : (
            <ul className="tickets tickets-wide">
              {found.sort(filter === "past" ? (one, other) => byExpiry(other, one) : byExpiry).map((voucher) => (
                <li key={voucher.id}>
                  <VoucherCard voucher={voucher} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Screen>
  );
}

interface FilterProps {
  vouchers: readonly Voucher[];
  chosen: Filter;
  onChoose: (filter: Filter) => void;
}

function Filters({ vouchers, chosen, onChoose }: FilterProps) {
  const { t } = useWords();
  const count = (filter: Filter) => vouchers.filter((voucher) => FILTERS[filter].has(stateOf(voucher))).length;
  return (
    <div className="filters" role="group" aria-label={t("voucher.filter")}>
      {NAMES.map((filter) => (
        <button key={filter} type="button" className="filter" aria-pressed={filter === chosen} onClick={() => onChoose(filter)}>
          {t(`voucher.filter_${filter}`)} <span className="filter-count">{count(filter)}</span>
        </button>
      ))}
    </div>
  );
}
