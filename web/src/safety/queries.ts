import { queryOptions } from "@tanstack/react-query";

import { get } from "../api/client";
import type { CheckUp, Consent, Device, Page, Passkey, SecondFactor } from "../api/types";

const items = <T>(path: string) => get<Page<T>>(path).then((page) => page.items);

export const passkeysQuery = queryOptions({ queryKey: ["passkeys"], queryFn: () => items<Passkey>("/auth/passkeys") });
export const devicesQuery = queryOptions({ queryKey: ["devices"], queryFn: () => items<Device>("/auth/sessions") });
export const secondFactorQuery = queryOptions({
  queryKey: ["second-factor"],
  queryFn: () => get<SecondFactor>("/auth/second-factor"),
});

// What these say is in the language of the request.
export const checkUpQuery = (language: string) =>
  queryOptions({ queryKey: ["check-up", language], queryFn: () => get<CheckUp>("/people/me/check-up") });
export const consentsQuery = (language: string) =>
  queryOptions({ queryKey: ["consents", language], queryFn: () => items<Consent>("/consents") });
