import { defineConfig } from "vitest/config";

// The server that `npm run dev` passes API calls to.
const server = process.env.ONSALE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    outDir: "dist",
    // What was made of which source, for scripts/; the server leaves hidden folders out.
    manifest: true,
    // Every font and picture is a file of its own: the page's policy allows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/api": { target: server, changeOrigin: false },
      "/health": { target: server },
    },
  },
  test: { include: ["tests/**/*.test.ts"], setupFiles: ["tests/english.ts"] },
});
