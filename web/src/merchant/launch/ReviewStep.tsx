import { useQuery } from "@tanstack/react-query";

import type { Chain } from "../../api/types";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { chainAmountText } from "../../money";
import { Loading } from "../../parts/Loading";
import { costsQuery } from "../queries";
import type { Preview } from "../shapes";

/** What it costs and what to think of before the rules are fixed for ever. */
export function ReviewStep({ preview, chains }: { preview: Preview | undefined; chains: readonly Chain[] }) {
  const { t, language } = useWords();
  const { name } = useChainNames();
  const costs = useQuery(costsQuery(language)).data?.filter((cost) => cost.id === "launch" || cost.id === "issue") ?? [];
  if (preview === undefined) return <Loading />;
  return (
    <>
      {preview.funding.length > 0 && (
        <>
          <h3>{t("campaign.funding")}</h3>
          <dl className="facts">
            {preview.funding.map((lane) => (
              <div key={lane.chain}>
                <dt>{name(lane.chain)}</dt>
                <dd>{chainAmountText(lane.amount)}</dd>
              </div>
            ))}
          </dl>
          <p className="quiet small">{t("campaign.funding_text")}</p>
        </>
      )}
      {chains.length > 0 && costs.length > 0 && (
        <>
          <h3>{t("launch.fees")}</h3>
          <dl className="facts facts-told">
            {costs.map((cost) => (
              <div key={cost.id}>
                <dt>{cost.act}</dt>
                <dd className="small">{cost.cost}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {preview.warnings.length > 0 && (
        <div className="notice notice-warn" role="status">
          <strong>{t("launch.warnings")}</strong>
          <ul className="dots small">
            {preview.warnings.map((warning) => (
              <li key={`${warning.code} ${warning.field}`}>{warning.message}</li>
            ))}
          </ul>
        </div>
      )}
      {Object.keys(preview.partners).length > 0 && <p className="notice">{t("launch.partners")}</p>}
    </>
  );
}
