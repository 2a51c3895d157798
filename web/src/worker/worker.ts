/// <reference lib="webworker" />
import { clientsClaim } from "workbox-core";
import { createHandlerBoundToURL, precacheAndRoute, type PrecacheEntry } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope;
/** The built files, written in by the build. */
declare const SHELL: PrecacheEntry[];

// Files of the page only: what the API answers belongs to a person and is never kept here.
precacheAndRoute(SHELL);
registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: [/^\/api\//, /^\/(healthz|readyz|metrics)$/] }));

// A payment in progress keeps the page it began with; the next page that is opened is the new one.
clientsClaim();
