import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { worker } from "./worker.build";

// The API serves the built files; in development its own port answers /api.
export default defineConfig({
  plugins: [react(), worker()],
  build: { outDir: "dist", sourcemap: false },
  server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:8080" } },
});
