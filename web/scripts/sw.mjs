// Builds the service worker, dist/sw.js, around what was built before it: it keeps exactly these files,
// and another version of any of them is another worker.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LANGUAGES } from "../src/i18n/choice.ts";
import { bundle } from "./bundle.mjs";
import { waitingPage } from "./waiting-page.mjs";

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
// The waiting page of each language, and the second file that each names.
const pages = LANGUAGES.map((language) => readFileSync(resolve(dist, waitingPage(language)), "utf8"));
const mores = pages.map((page) => page.match(/\/assets\/waiting-\w+\.js/)[0]);

// For whoever has tickets: every page of the shop. The waiting page's file is kept anyway, and what is
// for developers is for nobody.
const assets = readdirSync(resolve(dist, "assets"))
  .filter((name) => /\.(js|css|woff2)$/.test(name) && !/^(waiting|gallery)\b/.test(name))
  .map((name) => `/assets/${name}`)
  .sort();
// The page for every other address is for everybody, with its sheet; letters come of any kind.
const [document, offline] = ["index.html", "offline.html"].map((name) => readFileSync(resolve(dist, name), "utf8"));
const offlineAssets = offline.match(/\/assets\/[\w-]+\.css/g);

// Names of assets tell what is in them.
const all = [...pages, ...assets, document, offline];
const version = createHash("sha256").update(all.join()).digest("hex").slice(0, 8);

// The version is for caches on the way; the server does not read it.
const versioned = (name) => `/${name}?${version}`;
const worker = await bundle(
  resolve(dist, ".."),
  "sw/sw.ts",
  {
    SHELL: JSON.stringify(versioned("waiting.html")),
    MORES: JSON.stringify(mores),
    SHOP: JSON.stringify({
      offline: versioned("offline.html"),
      offlineAssets,
      document: versioned("index.html"),
      assets,
    }),
    VERSION: JSON.stringify(version),
  },
  "iife",
);
writeFileSync(resolve(dist, "sw.js"), worker);
