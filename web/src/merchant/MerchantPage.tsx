import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { campaignsQuery, meQuery, organisationsQuery } from "../api/queries";
import type { Organisation } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { CampaignCard } from "./CampaignCard";
import { CampaignForm } from "./CampaignForm";
import { OrganisationChoice } from "./OrganisationChoice";
import { ShopAccounts } from "./ShopAccounts";
import { Staff } from "./Staff";
import { useOrganisation } from "./useOrganisation";

export function MerchantPage() {
  const { t } = useWords();
  const { organisations, organisation, choose, error, refetch } = useOrganisation(["owner", "manager"]);
  return (
    <main className="page">
      <div className="row-between">
        <h1>{t("merchant.title")}</h1>
        {organisation && organisations && (
          <OrganisationChoice organisations={organisations} organisation={organisation} onChoose={choose} />
        )}
      </div>
      {error && !organisations ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : organisations === undefined ? (
        <Loading />
      ) : organisation === undefined ? (
        <OpenShop />
      ) : (
        <Shop key={organisation.id} organisation={organisation} />
      )}
    </main>
  );
}

function OpenShop() {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const open = useMutation({
    mutationFn: () => post<Organisation>("/organisations", { name }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      await client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <form className="card form setup" onSubmit={submit}>
      <h2>{t("merchant.open_title")}</h2>
      <p className="quiet">{t("merchant.open_text")}</p>
      <Field label={t("merchant.name")} value={name} required maxLength={120} onChange={(event) => setName(event.target.value)} />
      <ProblemNotice error={open.error} />
      <button className="button" disabled={open.isPending}>
        {t("merchant.open")}
      </button>
    </form>
  );
}

function Shop({ organisation }: { organisation: Organisation }) {
  const { t } = useWords();
  const { data: campaigns, error, refetch } = useQuery(campaignsQuery(organisation.id));
  return (
    <div className="columns columns-even">
      <section className="column" aria-labelledby="campaigns">
        <h2 id="campaigns">{t("campaign.list")}</h2>
        {error && !campaigns ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : campaigns === undefined ? (
          <Loading />
        ) : campaigns.length === 0 ? (
          <p className="quiet">{t("campaign.none")}</p>
        ) : (
          campaigns.map((campaign) => <CampaignCard key={campaign.id} campaign={campaign} organisation={organisation.id} />)
        )}
      </section>
      <div className="column">
        {organisation.accounts.length > 0 && <CampaignForm organisation={organisation} />}
        <ShopAccounts organisation={organisation} />
        {organisation.role === "owner" && <Staff organisation={organisation.id} />}
      </div>
    </div>
  );
}
