import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { campaignsQuery } from "../api/queries";
import type { Campaign, Organisation } from "../api/types";
import { useChainNames } from "../chains";
import { effectFigure, effectWords } from "../vouchers/effect";
import { askFaucet } from "../holder/faucet";
import { Ticket } from "../vouchers/Ticket";
import { useWords } from "../i18n/language";
import { chainAmountText, currencyText } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { FIRST, fill, funding, toDraft, type Filled, type Typed } from "./template";

const COUNT = "50";

/** 满X减Y: few inputs, the ticket as customers see it, and what it sets aside. */
export function CampaignForm({ organisation }: { organisation: Organisation }) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const { chains, name } = useChainNames();
  const [typed, setTyped] = useState<Typed | null>(null);
  const [takesTestMoney, setTakesTestMoney] = useState(true);
  const shown = typed ?? { ...FIRST, counts: Object.fromEntries(chains.map(({ chain }) => [chain, COUNT])) };
  const filled = fill(shown);
  const isLocal = chains.some((chain) => chain.local);
  const set = (change: Partial<Typed>) => setTyped({ ...shown, ...change });

  const launch = useMutation({
    mutationFn: async (terms: Filled) => {
      if (isLocal && takesTestMoney) {
        for (const chain of chains) {
          const amount = funding(chain, terms);
          const treasury = organisation.accounts.find((found) => found.chain === chain.chain && found.purpose === "treasury");
          if (chain.local && amount && treasury) await askFaucet(chain.chain, treasury.account, amount);
        }
      }
      const options = { organisation: organisation.id };
      const drafted = await post<Campaign>("/campaigns", toDraft(terms, words, new Date()), { ...options, act: "draft" });
      await post(`/campaigns/${drafted.id}/launch`, {}, options);
    },
    onSuccess: () => setTyped(null),
    onSettled: () => client.invalidateQueries({ queryKey: campaignsQuery(organisation.id).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof filled !== "string") launch.mutate(filled);
  };
  const toggle = (chain: string, on: boolean) => {
    const { [chain]: _, ...others } = shown.counts;
    set({ counts: on ? { ...others, [chain]: COUNT } : others });
  };

  return (
    <form className="card form" onSubmit={submit} aria-labelledby="new-campaign">
      <h2 id="new-campaign">{t("campaign.new")}</h2>
      <p className="quiet">{t("campaign.template")}</p>
      <div className="pair">
        <Field label={t("campaign.min")} before="¥" inputMode="decimal" value={shown.min} onChange={(e) => set({ min: e.target.value })} />
        <Field label={t("campaign.off")} before="¥" inputMode="decimal" value={shown.off} onChange={(e) => set({ off: e.target.value })} />
        <Field label={t("campaign.days")} inputMode="numeric" value={shown.days} onChange={(e) => set({ days: e.target.value })} />
        <Field
          label={t("campaign.per_holder")}
          inputMode="numeric"
          value={shown.perHolder}
          onChange={(e) => set({ perHolder: e.target.value })}
        />
      </div>
      <fieldset>
        <legend>{t("campaign.chains")}</legend>
        {chains.map(({ chain }) => (
          <div key={chain} className="row-between">
            <label className="check">
              <input type="checkbox" checked={chain in shown.counts} onChange={(e) => toggle(chain, e.target.checked)} />
              {name(chain)}
            </label>
            <input
              className="count"
              inputMode="numeric"
              aria-label={t("campaign.count", { chain: name(chain) })}
              disabled={!(chain in shown.counts)}
              value={shown.counts[chain] ?? ""}
              onChange={(e) => set({ counts: { ...shown.counts, [chain]: e.target.value } })}
            />
          </div>
        ))}
      </fieldset>
      {typeof filled === "string" ? (
        <p className="bad" role="status">
          {t(filled)}
        </p>
      ) : (
        <Preview filled={filled} />
      )}
      {isLocal && (
        <label className="check small">
          <input type="checkbox" checked={takesTestMoney} onChange={(e) => setTakesTestMoney(e.target.checked)} />
          {t("campaign.fund_first")}
        </label>
      )}
      <ProblemNotice error={launch.error} />
      <button className="button button-large" disabled={typeof filled === "string" || launch.isPending}>
        {launch.isPending ? t("common.working") : t("campaign.launch")}
      </button>
      <p className="quiet small">{t("campaign.rule_fixed")}</p>
    </form>
  );
}

function Preview({ filled }: { filled: Filled }) {
  const words = useWords();
  const { t } = words;
  const { chains, name } = useChainNames();
  const effect = { min_spend: filled.min, amount_off: filled.off };
  const count = filled.lanes.reduce((sum, lane) => sum + lane.cap, 0);
  const whole = currencyText({ minor: BigInt(filled.off) * BigInt(count), currency: "CNY" });
  return (
    <div aria-live="polite">
      <h3 className="quiet small">{t("campaign.preview")}</h3>
      <Ticket figure={effectFigure("threshold", effect, "CNY")}>
        <strong>{effectWords(words, "threshold", effect, "CNY")}</strong>
        <span className="quiet small">{t("campaign.preview_count", { count, each: filled.perHolder })}</span>
      </Ticket>
      <div className="funding">
        <div className="row-between">
          <span>{t("campaign.funding")}</span>
          <strong className="figures" data-testid="funding">
            {whole}
          </strong>
        </div>
        {chains.map((chain) => {
          const amount = funding(chain, filled);
          return (
            amount && (
              <div key={chain.chain} className="row-between quiet small">
                <span>{name(chain.chain)}</span>
                <span className="figures">{chainAmountText(amount)}</span>
              </div>
            )
          );
        })}
        <p className="quiet small">{t("campaign.funding_text")}</p>
      </div>
    </div>
  );
}
