const BROWSERS = { "Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };
const SYSTEMS = { Android: "Android", iPhone: "iPhone", iPad: "iPad", Windows: "Windows", "Mac OS": "Mac", Linux: "Linux" };

/** What the list of devices calls this one: enough to know it by, and no more. */
export function deviceName(): string {
  const names = [BROWSERS, SYSTEMS].map(
    (known) => Object.entries(known).find(([mark]) => navigator.userAgent.includes(mark))?.[1],
  );
  return names.filter((name) => name !== undefined).join(" · ") || "browser";
}
