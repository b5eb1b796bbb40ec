import { defineConfig } from "vitest/config";

// The server that `npm run dev` passes API calls to.
const server = process.env.ONSALE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    outDir: "dist",
    // Every font and picture is a file of its own: the page's policy allows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What two pages share and is smaller goes along with one of them, or with all.
    rollupOptions: { output: { experimentalMinChunkSize: 8000 } },
  },
  server: {
    proxy: {
      "/api": { target: server, changeOrigin: false },
      "/health": { target: server },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
