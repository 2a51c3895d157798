import type { components } from "../api/schema";

type Shapes = components["schemas"];

export type Template = Shapes["TemplateRead"];
export type Preview = Shapes["PreviewRead"];
export type Watch = Shapes["WatchRead"];
export type Act = Shapes["ActRead"];
export type Drop = Shapes["DropRead"];
export type Link = Shapes["LinkRead"];
export type Trigger = Shapes["TriggerRead"];
export type TriggerKind = Shapes["TriggerKind"];
export type Grant = Shapes["api__schemas__handouts__GrantRead"];
export type Segment = Shapes["SegmentRead"];
export type SegmentBody = Shapes["SegmentBody"];
export type CampaignInvitation = Shapes["api__schemas__handouts__InvitationRead"];
export type Analytics = Shapes["AnalyticsRead"];
export type Funnel = Shapes["FunnelRead"];
export type By = Shapes["By"];
export type Cohort = Shapes["CohortRead"];
export type Liability = Shapes["LiabilityRead"];
export type Payout = Shapes["PayoutRead"];
export type Receivable = Shapes["ReceivableRead"];
export type Debt = Shapes["DebtRead"];
export type Refund = Shapes["RefundRead"];
export type Case = Shapes["CaseRead"];
export type CaseDetail = Shapes["CaseDetail"];
export type CaseStatus = Shapes["CaseStatus"];
export type Survey = Shapes["SurveyRead"];
export type Dispute = Shapes["DisputeRead"];
export type Redemption = Shapes["RedemptionDetail"];
export type Store = Shapes["StoreRead"];
export type Member = Shapes["MemberRead"];
export type MemberRole = Shapes["MemberRole"];
export type Invitation = Shapes["api__schemas__people__InvitationRead"];
export type InvitationMade = Shapes["InvitationMade"];
export type Good = Shapes["CatalogueItemRead"];
export type Imported = Shapes["CatalogueImported"];
export type Gift = Shapes["GiftRead"];
export type GiftDelivery = Shapes["api__schemas__gifts__DeliveryRead"];
export type Programme = Shapes["ProgrammeRead"];
export type PointsReport = Shapes["PointsReport"];
export type Webhook = Shapes["WebhookRead"];
export type WebhookMade = Shapes["WebhookMade"];
export type WebhookDelivery = Shapes["api__schemas__webhooks__DeliveryRead"];
export type WebhookDeliveryDetail = Shapes["DeliveryDetail"];
export type ApiKey = Shapes["ApiKeyRead"];
export type ApiKeyMade = Shapes["ApiKeyMade"];
export type Scope = Shapes["ApiKeyCreate"]["scopes"][number];
export type Cost = Shapes["api__schemas__guidance__CostRead"];

/** What the page reads of a rule document (docs/rule-document.md). */
export interface Rules {
  title: string;
  kind: string;
  effect: Record<string, unknown>;
  currency: string;
  cap: number;
  per_holder: number | null;
  window: { valid_from: number; valid_until: number; zone: string };
  refund: { policy: string; window_seconds: number };
  powers: { declared: string[] };
  claim: { ways: string[] };
  lanes: { chain: string; settlement: { asset: string; symbol: string; decimals: number }; units_per_minor: string }[];
}
