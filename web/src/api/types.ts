import type { components } from "./schema";

type Shapes = components["schemas"];

export type Me = Shapes["Me"];
export type Organisation = Shapes["OrganisationRead"];
export type Chain = Shapes["ChainRead"];
export type ChainAmount = Shapes["ChainAmount"];
export type CurrencyAmount = Shapes["CurrencyAmount"];
export type Wallet = Shapes["WalletRead"];
export type Account = Shapes["AccountRead"];
export type Portfolio = Shapes["PortfolioRead"];
export type Voucher = Shapes["VoucherRead"];
export type Campaign = Shapes["CampaignRead"];
export type CampaignDraft = Shapes["CampaignDraft"];
export type Lane = Shapes["LaneRead"];
export type Issuance = Shapes["IssuanceRead"];
export type Order = Shapes["OrderRead"];
export type OrderProgress = Shapes["OrderProgress"];
export type Quote = Shapes["QuoteRead"];
export type Payment = Shapes["PaymentRead"];
export type Receipt = Shapes["Receipt"];
export type Hit = Shapes["HitRead"];
export type Provenance = Shapes["ProvenanceRead"];
export type ProvenanceNode = Shapes["ProvenanceNodeRead"];
export type Report = Shapes["ReportRead"];
export type Device = Shapes["SessionRead"];
export type Passkey = Shapes["PasskeyRead"];
export type SecondFactor = Shapes["SecondFactorRead"];
export type TotpSetup = Shapes["TotpRead"];
export type CheckUp = Shapes["CheckUpRead"];
export type CheckItem = Shapes["CheckItemRead"];
export type Consent = Shapes["api__schemas__people__ConsentRead"];
export type Joined = Shapes["Joined"];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
