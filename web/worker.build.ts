import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { build, type Plugin } from "vite";

/** Builds `worker.js` beside the page, with a list of the page's files that it keeps for when there is no network. */
export function worker(): Plugin {
  let folder = "";
  return {
    name: "worker",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) folder = config.build.outDir;
    },
    async closeBundle() {
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: { SHELL: JSON.stringify(shellOf(folder)), "process.env.NODE_ENV": '"production"' },
        build: {
          outDir: folder,
          emptyOutDir: false,
          rollupOptions: { input: "src/worker/worker.ts", output: { entryFileNames: "worker.js", format: "iife" } },
        },
      });
    },
  };
}

function shellOf(folder: string): { url: string; revision: string | null }[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "worker.js")
    .map((entry) => join(entry.parentPath, entry.name));
  return files.sort().map((file) => {
    const url = `/${relative(folder, file)}`;
    // Names in assets/ carry their digest already.
    if (url.startsWith("/assets/")) return { url, revision: null };
    return { url, revision: createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16) };
  });
}
