import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Ask } from "../parts/Ask";
import { campaignInvitationsQuery } from "../queries";
import type { CampaignInvitation } from "../shapes";
import { useShop } from "../shop";
import { useNumbers } from "../overview/numbers";

/** Campaigns of others that name this shop and wait for its word. */
export function Invitations() {
  const { language } = useWords();
  const shop = useShop();
  const { data, error } = useQuery(campaignInvitationsQuery(shop.id, language));
  if (error) return <ProblemNotice error={error} />;
  return data?.filter((found) => found.your_part.answer === null).map((found) => <Asked key={found.campaign} invitation={found} />) ?? null;
}

function Asked({ invitation }: { invitation: CampaignInvitation }) {
  const { t } = useWords();
  const { basisPoints } = useNumbers();
  const shop = useShop();
  const client = useQueryClient();
  const answer = (accept: boolean) => () =>
    post(`/campaigns/${invitation.campaign}/answer`, { accept }, { organisation: shop.id }).finally(() =>
      client.invalidateQueries({ queryKey: ["campaign-invitations", shop.id] }),
    );
  const accept = useMutation({ mutationFn: answer(true) });
  return (
    <section className="card notice-card" aria-label={invitation.title}>
      <div className="row-between">
        <h2>{t("asked.title", { title: invitation.title })}</h2>
        <span className="chip chip-warn">{t("asked.share", { share: basisPoints(invitation.your_part.share_bp) })}</span>
      </div>
      <ul className="dots small">
        {invitation.summary.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <ProblemNotice error={accept.error} />
      <div className="row">
        <button type="button" className="button" disabled={accept.isPending} onClick={() => accept.mutate()}>
          {t("asked.accept")}
        </button>
        <Ask name={t("asked.refuse")} title={t("asked.refuse_title")} act={answer(false)} className="button button-quiet" danger>
          <p>{t("asked.refuse_text")}</p>
        </Ask>
      </div>
    </section>
  );
}
