import { campaigns } from "./merchant/campaigns";
import { launch } from "./merchant/launch";
import { shop } from "./merchant/shop";
import { work } from "./merchant/work";
import { chinese, english } from "./pairs";

/** Texts of the merchant's pages. */
const texts = { ...shop, ...campaigns, ...launch, ...work };

export const merchantEn = english(texts);
export const merchantZh = chinese(texts);
