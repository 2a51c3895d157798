import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { campaignsQuery } from "../../api/queries";
import type { Campaign } from "../../api/types";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { Heading } from "../parts/Heading";
import { Listed } from "../parts/Listed";
import type { Rules } from "../shapes";
import { useShop } from "../shop";
import { useNumbers } from "../overview/numbers";
import { Invitations } from "./Invitations";
import { CHIPS, shownStatus } from "./status";

export function CampaignList() {
  const { t } = useWords();
  const shop = useShop();
  const query = useQuery(campaignsQuery(shop.id));
  return (
    <>
      <Heading title={t("campaign.list")}>
        <Link to="/merchant/campaigns/new" className="button">
          {t("campaign.new")}
        </Link>
      </Heading>
      <Invitations />
      <Listed query={query} empty={t("campaign.none")}>
        {(campaigns) => (
          <ul className="card rows" aria-label={t("campaign.list")}>
            {campaigns.map((campaign) => (
              <li key={campaign.id}>
                <Row campaign={campaign} />
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </>
  );
}

function Row({ campaign }: { campaign: Campaign }) {
  const { t, date, maybe } = useWords();
  const { whole } = useNumbers();
  const rules = campaign.rules as unknown as Rules;
  const { counts } = campaign;
  const status = shownStatus(campaign);
  return (
    <Link to={`/merchant/campaigns/${campaign.id}`} className="row-link">
      <span className="row-main">
        <strong>{rules.title}</strong>
        <span className="quiet small">
          {maybe(`kind.${rules.kind}`, rules.kind)} · {t("campaign.ends", { date: date(rules.window.valid_until * 1000 - 1) })}
        </span>
        {rules.cap > 0 && rules.kind !== "points" && (
          <progress max={rules.cap} value={counts.issued} aria-label={t("campaign.issued")}>
            {counts.issued}
          </progress>
        )}
      </span>
      <span className="row-figures figures small">
        <span>
          {whole(counts.issued)} <span className="quiet">{t("campaign.of_cap", { cap: whole(rules.cap) })}</span>
        </span>
        <span className="quiet">
          {t("campaign.redeemed")} {whole(counts.redeemed)} · {currencyText(counts.cost)}
        </span>
      </span>
      <span className={CHIPS[status]}>{t(`campaign.${status}`)}</span>
      {counts.alarms > 0 && <span className="chip chip-bad">{t("campaign.alarm_chip")}</span>}
    </Link>
  );
}
