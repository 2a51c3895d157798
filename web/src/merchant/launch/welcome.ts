import { post } from "../../api/client";
import { fetchTriggers } from "../queries";
import type { Trigger } from "../shapes";

/** The trigger that grants a newcomer's voucher; a launch that is asked for again finds the one that it made. */
export async function beginWelcome(campaign: string, organisation: string): Promise<void> {
  const known = await fetchTriggers(organisation, campaign);
  if (known.some((trigger) => trigger.kind === "welcome" && trigger.ended_at === null)) return;
  await post<Trigger>(`/campaigns/${campaign}/triggers`, { kind: "welcome", rule: {} }, { organisation, act: "trigger" });
}
