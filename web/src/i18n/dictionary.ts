import { aroundEn, aroundZh } from "./texts/around";
import { auditorEn, auditorZh } from "./texts/auditor";
import { claimsEn, claimsZh } from "./texts/claims";
import { commonEn, commonZh } from "./texts/common";
import { holderEn, holderZh } from "./texts/holder";
import { merchantEn, merchantZh } from "./texts/merchant";
import { payingEn, payingZh } from "./texts/paying";
import { refusalsEn, refusalsZh } from "./texts/refusals";
import { safetyEn, safetyZh } from "./texts/safety";
import { sessionEn, sessionZh } from "./texts/session";
import { tillEn, tillZh } from "./texts/till";
import { vouchersEn, vouchersZh } from "./texts/vouchers";

const en = {
  ...commonEn, ...holderEn, ...merchantEn, ...tillEn, ...auditorEn, ...safetyEn, ...vouchersEn,
  ...payingEn, ...claimsEn, ...aroundEn, ...sessionEn, ...refusalsEn,
};

export type TextName = keyof typeof en;

const zh: Readonly<Record<TextName, string>> = {
  ...commonZh, ...holderZh, ...merchantZh, ...tillZh, ...auditorZh, ...safetyZh, ...vouchersZh,
  ...payingZh, ...claimsZh, ...aroundZh, ...sessionZh, ...refusalsZh,
};

export type Language = "en" | "zh-CN";

export const dictionaries: Readonly<Record<Language, Readonly<Record<TextName, string>>>> = { en, "zh-CN": zh };

export function isTextName(name: string): name is TextName {
  return Object.hasOwn(en, name);
}
