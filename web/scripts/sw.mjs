// Builds the service worker, dist/sw.js, around what scripts/waiting.mjs built: it keeps exactly these
// files, and another version of any of them is another worker.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const page = readFileSync(resolve(web, "dist/waiting.html"), "utf8");
const [more] = page.match(/\/assets\/waiting-\w+\.js/);
const version = createHash("sha256").update(page).digest("hex").slice(0, 8);

const worker = await bundle(
  web,
  "sw/sw.ts",
  {
    // The version is for caches on the way; the server does not read it.
    SHELL: JSON.stringify(`/waiting.html?${version}`),
    MORE: JSON.stringify(more),
    VERSION: JSON.stringify(version),
  },
  "iife",
);
writeFileSync(resolve(web, "dist/sw.js"), worker);
