import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import { CALM, MOVING } from "../api/queries";
import type { Chain, Order, Page } from "../api/types";
import { ZONE } from "./shop";
import type {
  Analytics, ApiKey, By, CampaignInvitation, Case, CaseDetail, CaseStatus, Cohort, Cost, Debt, Gift, GiftDelivery, Good,
  Grant, Invitation, Liability, Link, Member, Payout, PointsReport, Programme, Receivable, Redemption, Refund, Rules, Store,
  Survey, Template, Trigger, Watch, Webhook, WebhookDelivery, WebhookDeliveryDetail,
} from "./shapes";

const PAGE = 50;
const SLOW = 15_000;

function items<T>(path: string, organisation?: string): Promise<T[]> {
  return get<Page<T>>(path, organisation === undefined ? {} : { organisation }).then((page) => page.items);
}

/** A list that is read a page at a time; `path` already has a question mark. */
function pages<T>(key: readonly unknown[], path: string, organisation: string, refetchInterval: number | false = false) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      get<Page<T>>(`${path}limit=${PAGE}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`, { organisation }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval,
  });
}

// ---------------------------------------------------------------------------------------------------------- campaigns

export const templatesQuery = (language: string) =>
  queryOptions({ queryKey: ["templates", language], queryFn: () => items<Template>("/campaigns/templates"), staleTime: Infinity });

export const costsQuery = (language: string) =>
  queryOptions({ queryKey: ["costs", language], queryFn: () => items<Cost>("/guidance/costs"), staleTime: Infinity });

export const watchQuery = (organisation: string, campaign: string) =>
  queryOptions({
    queryKey: ["watch", organisation, campaign],
    queryFn: () => get<Watch>(`/campaigns/${campaign}/watch`, { organisation }),
    refetchInterval: (query) => {
      const found = query.state.data;
      const acts = found?.acts.some((act) => act.status === "in_flight" || act.status === "requested");
      return acts || found?.campaign.status === "launching" ? MOVING : 2000;
    },
  });

export const analyticsQuery = (organisation: string, campaign: string, by: By) =>
  queryOptions({
    queryKey: ["analytics", organisation, campaign, by],
    queryFn: () => get<Analytics>(`/campaigns/${campaign}/analytics?by=${by}&zone=${encodeURIComponent(ZONE)}`, { organisation }),
    refetchInterval: CALM,
  });

export const cohortsQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["cohorts", organisation],
    queryFn: () => items<Cohort>(`/analytics/cohorts?currency=CNY&zone=${encodeURIComponent(ZONE)}`, organisation),
    refetchInterval: SLOW,
  });

export const liabilityQuery = (organisation: string, campaign: string) =>
  queryOptions({
    queryKey: ["liability", organisation, campaign],
    queryFn: () => items<Liability>(`/settlements/liability/${campaign}`, organisation),
    refetchInterval: CALM,
  });

export const linksQuery = (organisation: string, campaign: string) =>
  pages<Link>(["links", organisation, campaign], `/campaigns/${campaign}/claim-links?`, organisation, CALM);

export const fetchTriggers = (organisation: string, campaign: string) => items<Trigger>(`/campaigns/${campaign}/triggers`, organisation);

export const triggersQuery = (organisation: string, campaign: string) =>
  queryOptions({ queryKey: ["triggers", organisation, campaign], queryFn: () => fetchTriggers(organisation, campaign) });

export const grantsQuery = (organisation: string, campaign: string, trigger: string) =>
  queryOptions({
    queryKey: ["grants", organisation, campaign, trigger],
    queryFn: () => items<Grant>(`/campaigns/${campaign}/triggers/${trigger}/grants`, organisation),
    refetchInterval: CALM,
  });

export const campaignInvitationsQuery = (organisation: string, language: string) =>
  queryOptions({
    queryKey: ["campaign-invitations", organisation, language],
    queryFn: () => items<CampaignInvitation>("/campaigns/invitations", organisation),
    refetchInterval: SLOW,
  });

/** The rules that everybody may read; a voucher's first 48 digits name its campaign. */
export const rulesQuery = (campaign: string) =>
  queryOptions({ queryKey: ["rules", campaign], queryFn: () => get<Rules>(`/campaigns/${campaign}/rules`), staleTime: Infinity });

// ------------------------------------------------------------------------------------------------- orders, settlement

export const orderPagesQuery = (organisation: string) => pages<Order>(["order-pages", organisation], "/orders?", organisation, CALM);

export const refundsQuery = (order: string) =>
  queryOptions({
    queryKey: ["refunds", order],
    queryFn: () => items<Refund>(`/orders/${order}/refunds`),
    refetchInterval: (query) => (query.state.data?.some((found) => found.status !== "done") ? MOVING : false),
  });

export const redemptionQuery = (redemption: string) =>
  queryOptions({ queryKey: ["redemption", redemption], queryFn: () => get<Redemption>(`/redemptions/${redemption}`) });

export const payoutsQuery = (organisation: string, first: string, last: string) =>
  queryOptions({
    queryKey: ["payouts", organisation, first, last],
    queryFn: () => items<Payout>(payoutsPath("", first, last), organisation),
    refetchInterval: SLOW,
  });

export function payoutsPath(ending: "" | ".csv", first: string, last: string): string {
  return `/settlements/payouts${ending}?first=${first}&last=${last}&zone=${encodeURIComponent(ZONE)}`;
}

export const creditQuery = (organisation: string, campaign: string) =>
  queryOptions({
    queryKey: ["credit", organisation, campaign],
    queryFn: () => items<Receivable>(`/settlements/credit/${campaign}`, organisation),
    refetchInterval: CALM,
  });

export const debtsQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["debts", organisation],
    queryFn: () => items<Debt>("/settlements/debts", organisation),
    refetchInterval: SLOW,
  });

// -------------------------------------------------------------------------------------------------------------- cases

export const inboxQuery = (organisation: string, status: CaseStatus | "") =>
  pages<Case>(["inbox", organisation, status], `/cases/inbox?${status && `status=${status}&`}`, organisation, CALM);

export const caseQuery = (organisation: string, id: string) =>
  queryOptions({
    queryKey: ["inbox-case", organisation, id],
    queryFn: () => get<CaseDetail>(`/cases/inbox/${id}`, { organisation }),
    refetchInterval: 3000,
  });

export const surveyQuery = (organisation: string) =>
  queryOptions({ queryKey: ["survey", organisation], queryFn: () => get<Survey>("/cases/survey", { organisation }) });

// ------------------------------------------------------------------------------------------- places, goods, settings

export const storesQuery = (organisation: string) =>
  queryOptions({ queryKey: ["stores", organisation], queryFn: () => items<Store>(`/organisations/${organisation}/stores`) });

export const membersQuery = (organisation: string) =>
  queryOptions({ queryKey: ["members", organisation], queryFn: () => items<Member>(`/organisations/${organisation}/members`) });

export const invitationsQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["invitations", organisation],
    queryFn: () => items<Invitation>(`/organisations/${organisation}/invitations`),
  });

export const cataloguePagesQuery = (organisation: string) =>
  pages<Good>(["catalogue", organisation], `/organisations/${organisation}/catalogue?`, organisation);

export const giftsQuery = (organisation: string) =>
  queryOptions({ queryKey: ["gifts", organisation], queryFn: () => items<Gift>("/gifts", organisation), refetchInterval: SLOW });

export const deliveriesQuery = (organisation: string) =>
  queryOptions({
    queryKey: ["deliveries", organisation],
    queryFn: () => items<GiftDelivery>("/gifts/deliveries", organisation),
    refetchInterval: CALM,
  });

export const programmesQuery = (organisation: string) =>
  queryOptions({ queryKey: ["programmes", organisation], queryFn: () => items<Programme>("/points/programmes", organisation) });

export const programmeQuery = (organisation: string, id: string) =>
  queryOptions({
    queryKey: ["programme", organisation, id],
    queryFn: () => get<PointsReport>(`/points/programmes/${id}`, { organisation }),
    refetchInterval: SLOW,
  });

export const webhooksQuery = (organisation: string) =>
  queryOptions({ queryKey: ["webhooks", organisation], queryFn: () => items<Webhook>("/webhooks", organisation), refetchInterval: SLOW });

export const webhookDeliveriesQuery = (organisation: string, webhook: string) =>
  pages<WebhookDelivery>(["webhook-deliveries", organisation, webhook], `/webhooks/${webhook}/deliveries?`, organisation, 3000);

export const webhookDeliveryQuery = (organisation: string, webhook: string, message: string) =>
  queryOptions({
    queryKey: ["webhook-delivery", organisation, webhook, message],
    queryFn: () => get<WebhookDeliveryDetail>(`/webhooks/${webhook}/deliveries/${message}`, { organisation }),
    refetchInterval: 3000,
  });

export const apiKeysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: () => items<ApiKey>("/auth/api-keys") });

/** The chains on which a kind of voucher can be. */
export function chainsFor(chains: readonly Chain[], kind: string): readonly Chain[] {
  if (kind === "points") return [];
  return kind === "stored_value" ? chains.filter((chain) => chain.family === "eip155") : chains;
}
