import type { components } from "../api/schema";

type Shapes = components["schemas"];

export type PublicClaim = Shapes["PublicClaim"];
export type Claim = Shapes["ClaimRead"];
export type WaitingLeaf = Shapes["WaitingLeaf"];
export type Grant = Shapes["api__schemas__handouts__GrantRead"];
export type Power = Shapes["PowerRead"];
export type Redemption = Shapes["RedemptionDetail"];
export type Refund = Shapes["RefundRead"];
export type RefundStep = Shapes["RefundStepRead"];
export type VoucherTransfer = Shapes["VoucherTransferRead"];
export type ValuedPortfolio = Shapes["ValuedPortfolioRead"];
export type Points = Shapes["PointsRead"];
export type PointsStatement = Shapes["PointsStatement"];
export type OfferedGift = Shapes["OfferedGift"];
export type GiftDelivery = Shapes["api__schemas__gifts__DeliveryRead"];
export type Presentment = Shapes["PresentmentRead"];
export type PresentmentCreated = Shapes["PresentmentCreated"];
