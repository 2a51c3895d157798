import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, remove } from "../../api/client";
import { shortId } from "../../chains";
import { useWords } from "../../i18n/language";
import { parseMinor } from "../../money";
import { Field } from "../../parts/Field";
import { Facts } from "../../parts/Facts";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Poster } from "../give/Poster";
import { Ask } from "../parts/Ask";
import { Choice } from "../parts/Choice";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { grantsQuery, triggersQuery } from "../queries";
import type { Rules, Trigger, TriggerKind, Watch } from "../shapes";
import { useShop } from "../shop";
import { shownStatus } from "./status";

/** The fields of each kind's rule (docs/claims.md): money in minor units, or whole numbers, with what is proposed. */
const FIELDS: Readonly<Record<string, readonly (readonly [name: string, measure: "money" | "whole", proposed: string])[]>> = {
  welcome: [],
  first_payment: [["min_minor", "money", "0"]],
  loyalty: [["every", "whole", "5"]],
  spend: [["minor", "money", "500"]],
  cashback: [["min_minor", "money", "100"]],
  visit: [["every", "whole", "1"]],
  referral: [["most", "whole", "10"]],
};

type Kind = Exclude<TriggerKind, "date">;

const KINDS = Object.keys(FIELDS) as Kind[];

/** What earns vouchers by itself. */
export function Triggers({ watch }: { watch: Watch }) {
  const { t } = useWords();
  const shop = useShop();
  const { campaign } = watch;
  const query = useQuery(triggersQuery(shop.id, campaign.id));
  return (
    <div className="columns columns-even">
      <section className="column" aria-labelledby="triggers">
        <h2 id="triggers">{t("trigger.list")}</h2>
        <Listed query={query} empty={t("trigger.none")}>
          {(triggers) => triggers.map((trigger) => <TriggerCard key={trigger.id} trigger={trigger} />)}
        </Listed>
      </section>
      {shownStatus(campaign) === "active" ? <NewTrigger watch={watch} /> : <p className="notice">{t("give.not_active")}</p>}
    </div>
  );
}

function NewTrigger({ watch }: { watch: Watch }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const rules = watch.campaign.rules as unknown as Rules;
  const [kind, setKind] = useState<Kind>("first_payment");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const fields = FIELDS[kind] ?? [];
  const textOf = (name: string, proposed: string) => typed[`${kind} ${name}`] ?? proposed;
  const values = fields.map(([name, measure, proposed]) => {
    const text = textOf(name, proposed).trim();
    if (measure === "money") return [name, /^0*\.?0*$/.test(text) ? (name === "min_minor" ? 0 : null) : parseMinor(text)] as const;
    return [name, /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null] as const;
  });
  const isWhole = values.every(([, value]) => value !== null);
  const make = useMutation({
    mutationFn: () => post<Trigger>(`/campaigns/${watch.campaign.id}/triggers`, { kind, rule: Object.fromEntries(values) }, { organisation: shop.id, act: "trigger" }),
    onSuccess: () => client.invalidateQueries({ queryKey: triggersQuery(shop.id, watch.campaign.id).queryKey }),
  });
  const [showsPoster, setShowsPoster] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) make.mutate();
  };
  const code = make.data?.code;
  return (
    <form className="card form" onSubmit={submit} aria-labelledby="new-trigger">
      <h2 id="new-trigger">{t("trigger.new")}</h2>
      <Choice
        label={t("trigger.kind")}
        value={kind}
        hint={t(`trigger.${kind}_about`)}
        onChange={(event) => {
          setKind(event.target.value as Kind);
          make.reset();
        }}
        options={KINDS.map((one) => [one, t(`trigger.${one}`)])}
      />
      {fields.map(([name, measure, proposed]) => (
        <Field
          key={`${kind} ${name}`}
          label={t(`trigger.${kind}_${name}` as "trigger.loyalty_every")}
          before={measure === "money" ? "¥" : undefined}
          inputMode={measure === "money" ? "decimal" : "numeric"}
          autoComplete="off"
          value={textOf(name, proposed)}
          error={values.find(([one]) => one === name)?.[1] === null ? t(`launch.bad_${measure}`) : wordsAt(make.error, `rule.${name}`)}
          onChange={(event) => setTyped({ ...typed, [`${kind} ${name}`]: event.target.value })}
        />
      ))}
      {!wordsAt(make.error, "rule") && <ProblemNotice error={make.error} />}
      <button className="button" disabled={!isWhole || make.isPending}>
        {make.isPending ? t("common.working") : t("trigger.make")}
      </button>
      {make.data && (
        <p className="good small" role="status">
          {t("trigger.made")}
        </p>
      )}
      {code && (
        <>
          <p className="notice notice-warn">{t("links.once")}</p>
          <button type="button" className="button button-quiet" onClick={() => setShowsPoster(true)}>
            {t("trigger.visit_poster")}
          </button>
          {showsPoster && (
            <Poster title={rules.title} shop={shop.name} codes={[code]} scan={t("poster.visit")} until={rules.window.valid_until} onClose={() => setShowsPoster(false)} />
          )}
        </>
      )}
    </form>
  );
}

function TriggerCard({ trigger }: { trigger: Trigger }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const grants = useQuery(grantsQuery(shop.id, trigger.campaign, trigger.id));
  const end = () =>
    remove(`/campaigns/${trigger.campaign}/triggers/${trigger.id}`, { organisation: shop.id }).finally(() =>
      client.invalidateQueries({ queryKey: triggersQuery(shop.id, trigger.campaign).queryKey }),
    );
  return (
    <article className="card" aria-label={t(`trigger.${trigger.kind}`)}>
      <div className="row-between">
        <h3>{t(`trigger.${trigger.kind}`)}</h3>
        <span className={trigger.ended_at ? "chip" : "chip chip-good"}>{trigger.ended_at ? t("campaign.ended") : t("campaign.active")}</span>
      </div>
      <Facts rows={[[t("trigger.granted"), grants.data?.filter((grant) => grant.refusal === null).length], [t("trigger.since"), date(trigger.created_at)]]} />
      {grants.data && grants.data.length > 0 && (
        <details className="small">
          <summary>{t("trigger.grants")}</summary>
          <ul className="plain">
            {grants.data.map((grant) => (
              <li key={grant.subject} className="row-between">
                <span>{grant.account ? shortId(grant.account) : t("trigger.no_account")}</span>
                <span className="row">
                  {grant.refusal ? <span className="bad">{grant.refusal.message}</span> : <span className="figures">× {grant.count}</span>}
                  <span className="quiet figures">
                    {date(grant.created_at)} {time(grant.created_at)}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {!trigger.ended_at && (
        <Ask name={t("trigger.end")} title={t("trigger.end_title")} act={end} danger>
          <p>{t("trigger.end_text")}</p>
        </Ask>
      )}
    </article>
  );
}
