import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { remove } from "../api/client";
import { useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { currencyText, decimalText } from "../money";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { LimitsForm } from "./LimitsForm";
import { limitsQuery, policyQuery } from "./queries";
import { Screen } from "./Screen";
import type { Limit, Policy } from "./shapes";

/** What may leave at most, how much of it is used, and the person's own two limits. */
export default function LimitsPage() {
  const { t } = useWords();
  const { data: limits, error, refetch } = useQuery(limitsQuery);
  const policy = useQuery(policyQuery).data;
  return (
    <Screen title={t("limits.title")} back="/holder/more">
      <p className="quiet">{t("limits.text")}</p>
      {error && !limits ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : limits === undefined || policy === undefined ? (
        <Loading />
      ) : (
        <>
          <section className="card" aria-labelledby="limits-now">
            <h2 id="limits-now">{t("limits.now")}</h2>
            {policy.default && <p className="quiet small">{t("limits.default")}</p>}
            {limits.length === 0 && <p>{t("limits.none")}</p>}
            <ul className="bars">
              {limits.map((limit) => (
                <li key={`${limit.rule} ${limit.unit}`}>
                  <LimitLine limit={limit} />
                </li>
              ))}
            </ul>
          </section>
          <Waiting policy={policy} />
          <LimitsForm policy={policy} />
        </>
      )}
      <Link to="/safety" className="button button-quiet">
        {t("limits.devices")}
      </Link>
    </Screen>
  );
}

function LimitLine({ limit }: { limit: Limit }) {
  const { t } = useWords();
  const { chains, name } = useChainNames();
  const asset = chains.flatMap((chain) => chain.assets).find((each) => each.asset === limit.unit);
  const chain = limit.unit.includes("/") ? name(limit.unit.slice(0, limit.unit.indexOf("/"))) : null;
  const text = (units: string) => {
    if (chain === null) return currencyText({ minor: BigInt(units), currency: limit.unit });
    return `${decimalText(BigInt(units), asset?.decimals ?? 0)} ${asset?.symbol ?? t("limits.asset_units", { asset: limit.unit })}`;
  };
  const windows = {
    payment: t("limits.payment"),
    day: t("limits.day"),
    rolling: t("limits.rolling", { hours: Math.round(limit.seconds / 3600) }),
  };
  const title = windows[limit.window];
  const total = text(limit.at_most);
  return (
    <>
      <div className="row-between">
        <span>
          {title}
          {chain && <span className="quiet small"> · {chain}</span>}
        </span>
        <span className="figures">
          {limit.window === "payment" ? t("limits.at_most", { total }) : t("limits.used", { used: text(limit.used), total })}
        </span>
      </div>
      {limit.window !== "payment" && (
        <meter
          min={0}
          max={Number(limit.at_most)}
          high={Number(limit.at_most) * 0.8}
          optimum={0}
          value={Number(limit.used)}
          aria-label={title}
        />
      )}
    </>
  );
}

/** A loosening that waits for its time. */
function Waiting({ policy }: { policy: Policy }) {
  const { t, date, time } = useWords();
  const client = useQueryClient();
  const back = useMutation({
    mutationFn: () => remove("/policies/pending"),
    onSettled: () => client.invalidateQueries({ queryKey: policyQuery.queryKey }),
  });
  if (policy.waiting === null) return null;
  const when = policy.waiting.effective_at;
  return (
    <div className="notice notice-warn">
      <p>{t("limits.later", { time: `${date(when)} ${time(when)}` })}</p>
      <button type="button" className="button button-quiet" disabled={back.isPending} onClick={() => back.mutate()}>
        {t("limits.take_back")}
      </button>
      <ProblemNotice error={back.error} />
    </div>
  );
}
