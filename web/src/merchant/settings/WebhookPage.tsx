import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { post, put, remove } from "../../api/client";
import { useWords } from "../../i18n/language";
import { Facts } from "../../parts/Facts";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Ask } from "../parts/Ask";
import { Heading } from "../parts/Heading";
import { PagedList } from "../parts/Listed";
import { Table } from "../parts/Table";
import { webhookDeliveriesQuery, webhookDeliveryQuery, webhooksQuery } from "../queries";
import type { Webhook, WebhookDelivery, WebhookMade } from "../shapes";
import { useShop } from "../shop";
import { EventChoice } from "./EventChoice";
import { Once } from "./Once";
import { WEBHOOK_CHIPS } from "./Webhooks";

const DELIVERY_CHIPS = { pending: "chip chip-busy", delivered: "chip chip-good", failed: "chip chip-bad" } as const;

/** One endpoint: its settings, and everything that was sent to it. */
export function WebhookPage() {
  const { t } = useWords();
  const shop = useShop();
  const { webhook: id = "" } = useParams();
  const { data, error, refetch } = useQuery(webhooksQuery(shop.id));
  const found = data?.find((one) => one.id === id);
  const back = ["/merchant/settings", t("shop.settings")] as const;
  if (!found) {
    return (
      <>
        <Heading title={t("webhook.one")} back={back} />
        {error ? <ProblemNotice error={error} again={() => void refetch()} /> : data ? <p className="notice">{t("webhook.gone")}</p> : <Loading />}
      </>
    );
  }
  return (
    <>
      <Heading title={<span className="long">{found.url}</span>} back={back} chip={<span className={WEBHOOK_CHIPS[found.status]}>{t(`webhook.${found.status}`)}</span>} />
      <div className="columns columns-even">
        <Settings webhook={found} />
        <Log webhook={found.id} />
      </div>
    </>
  );
}

function Settings({ webhook }: { webhook: Webhook }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [events, setEvents] = useState<readonly string[]>(webhook.events);
  const options = { organisation: shop.id };
  const settled = () => client.invalidateQueries({ queryKey: webhooksQuery(shop.id).queryKey });
  const change = useMutation({
    mutationFn: (active: boolean) => put<Webhook>(`/webhooks/${webhook.id}`, { url: webhook.url, events, active }, options),
    onSettled: settled,
  });
  const test = useMutation({
    mutationFn: () => post(`/webhooks/${webhook.id}/test`, undefined, options),
    onSettled: () => client.invalidateQueries({ queryKey: ["webhook-deliveries", shop.id, webhook.id] }),
  });
  const rotate = useMutation({ mutationFn: () => post<WebhookMade>(`/webhooks/${webhook.id}/secret`, undefined, options), gcTime: 0 });
  const isActive = webhook.status === "active";
  return (
    <section className="card" aria-labelledby="endpoint">
      <h2 id="endpoint">{t("webhook.settings")}</h2>
      <Facts
        rows={[
          [t("webhook.since"), date(webhook.created_at)],
          [t("webhook.failing"), webhook.failing_since && `${date(webhook.failing_since)} ${time(webhook.failing_since)}`],
          [t("shop.reason"), webhook.reason],
        ]}
      />
      <EventChoice events={events} onChange={setEvents} />
      <ProblemNotice error={change.error ?? test.error ?? rotate.error} />
      <div className="row">
        <button type="button" className="button button-small" disabled={events.length === 0 || change.isPending} onClick={() => change.mutate(isActive)}>
          {t("shop.save")}
        </button>
        <button type="button" className="button button-quiet button-small" disabled={change.isPending} onClick={() => change.mutate(!isActive)}>
          {isActive ? t("webhook.pause") : t("webhook.resume")}
        </button>
        <button type="button" className="button button-quiet button-small" disabled={test.isPending} onClick={() => test.mutate()}>
          {t("webhook.test")}
        </button>
        <Ask name={t("webhook.rotate")} title={t("webhook.rotate_title")} act={() => rotate.mutateAsync()}>
          <p>{t("webhook.rotate_text")}</p>
        </Ask>
        <Ask
          name={t("webhook.remove")}
          title={t("webhook.remove_title")}
          act={async () => {
            await remove(`/webhooks/${webhook.id}`, options);
            await settled();
            await navigate("/merchant/settings");
          }}
          danger
        >
          <p>{t("webhook.remove_text")}</p>
        </Ask>
      </div>
      {rotate.data && <Once text={rotate.data.secret} label={t("webhook.secret")} />}
    </section>
  );
}

function Log({ webhook }: { webhook: string }) {
  const { t } = useWords();
  const shop = useShop();
  const query = useInfiniteQuery(webhookDeliveriesQuery(shop.id, webhook));
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section className="card" aria-labelledby="log">
      <h2 id="log">{t("webhook.deliveries")}</h2>
      <PagedList query={query} empty={t("webhook.nothing_sent")}>
        {(deliveries) => (
          <ul className="rows">
            {deliveries.map((delivery) => (
              <li key={delivery.id}>
                <Delivery webhook={webhook} delivery={delivery} open={open === delivery.id} onOpen={() => setOpen(open === delivery.id ? null : delivery.id)} />
              </li>
            ))}
          </ul>
        )}
      </PagedList>
    </section>
  );
}

function Delivery({ webhook, delivery, open, onOpen }: { webhook: string; delivery: WebhookDelivery; open: boolean; onOpen: () => void }) {
  const { t, date, time } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const detail = useQuery({ ...webhookDeliveryQuery(shop.id, webhook, delivery.id), enabled: open });
  const again = useMutation({
    mutationFn: () => post(`/webhooks/${webhook}/deliveries/${delivery.id}/redeliver`, undefined, { organisation: shop.id }),
    onSettled: () => client.invalidateQueries({ queryKey: ["webhook-deliveries", shop.id, webhook] }),
  });
  return (
    <>
      <button type="button" className="row-link" aria-expanded={open} onClick={onOpen}>
        <span className="row-main">
          <strong>{delivery.type}</strong>
          <span className="quiet small figures">
            {date(delivery.created_at)} {time(delivery.created_at)} · {t("webhook.attempts", { count: delivery.attempts })}
          </span>
        </span>
        <span className={DELIVERY_CHIPS[delivery.status]}>{t(`webhook.is_${delivery.status}`)}</span>
      </button>
      {open && (
        <div className="column inset">
          <ProblemNotice error={detail.error ?? again.error} />
          {detail.data === undefined && !detail.error && <Loading />}
          {detail.data && (
            <>
              <pre className="mono small">{JSON.stringify(detail.data.body, null, 2)}</pre>
              {detail.data.log.length > 0 && (
                <Table
                  caption={t("webhook.log")}
                  rows={detail.data.log}
                  keyOf={(attempt) => String(attempt.number)}
                  columns={[
                    { name: "#", of: (attempt) => attempt.number, figures: true },
                    { name: t("receipt.when"), of: (attempt) => `${date(attempt.at)} ${time(attempt.at)}` },
                    { name: t("webhook.answer"), of: (attempt) => attempt.answer ?? attempt.problem },
                    { name: "ms", of: (attempt) => attempt.milliseconds, figures: true },
                  ]}
                />
              )}
            </>
          )}
          <div>
            <button type="button" className="button button-quiet button-small" disabled={again.isPending} onClick={() => again.mutate()}>
              {t("webhook.again")}
            </button>
          </div>
        </div>
      )}
    </>
  );
}
