/** Installs the worker that keeps the page's files, so that the page opens without network. */
export function registerWorker(): void {
  // Absent without TLS off loopback, and in private windows of some browsers: the page works without it.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  addEventListener("load", () => {
    navigator.serviceWorker.register("/worker.js").catch((cause: unknown) => {
      console.warn("the page cannot be kept for use without network", cause);
    });
  });
}
