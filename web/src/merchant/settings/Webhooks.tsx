import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { webhooksQuery } from "../queries";
import type { WebhookMade } from "../shapes";
import { useShop } from "../shop";
import { EventChoice } from "./EventChoice";
import { Once } from "./Once";

export const WEBHOOK_CHIPS = { active: "chip chip-good", paused: "chip chip-warn", disabled: "chip chip-bad" } as const;

export function Webhooks() {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const query = useQuery(webhooksQuery(shop.id));
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<readonly string[]>(["order.*"]);
  const make = useMutation({
    mutationFn: () => post<WebhookMade>("/webhooks", { url: url.trim(), events }, { organisation: shop.id }),
    onSuccess: () => {
      setUrl("");
      return client.invalidateQueries({ queryKey: webhooksQuery(shop.id).queryKey });
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const wrong = wordsAt(make.error, "url");
  return (
    <section className="card" aria-labelledby="webhooks">
      <h2 id="webhooks">{t("webhook.title")}</h2>
      <p className="quiet small">{t("webhook.text")}</p>
      <Listed query={query} empty={t("webhook.none")}>
        {(webhooks) => (
          <ul className="rows">
            {webhooks.map((webhook) => (
              <li key={webhook.id}>
                <Link to={`/merchant/settings/webhooks/${webhook.id}`} className="row-link">
                  <span className="row-main">
                    <strong>{webhook.url}</strong>
                    <span className="quiet small">{webhook.events.join(", ")}</span>
                  </span>
                  <span className={WEBHOOK_CHIPS[webhook.status]}>{t(`webhook.${webhook.status}`)}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Listed>
      <form className="form form-new" onSubmit={submit} aria-label={t("webhook.new")}>
        <h3>{t("webhook.new")}</h3>
        <Field label={t("webhook.url")} type="url" value={url} required maxLength={2000} placeholder="https://" error={wrong} onChange={(event) => setUrl(event.target.value)} />
        <EventChoice events={events} onChange={setEvents} />
        {!wrong && <ProblemNotice error={make.error} />}
        <button className="button" disabled={events.length === 0 || make.isPending}>
          {make.isPending ? t("common.working") : t("webhook.add")}
        </button>
        {make.data && <Once text={make.data.secret} label={t("webhook.secret")} />}
      </form>
    </section>
  );
}
