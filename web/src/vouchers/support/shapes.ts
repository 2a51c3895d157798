import type { components } from "../../api/schema";

type Shapes = components["schemas"];

export type Case = Shapes["CaseRead"];
export type CaseDetail = Shapes["CaseDetail"];
export type Message = Shapes["MessageRead"];
export const SUBJECTS = ["general", "order", "payment", "voucher", "redemption"] as const;
export type Subject = (typeof SUBJECTS)[number];
