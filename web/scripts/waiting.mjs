// Builds the waiting page, once a language: one document with its style, script and words inside, so that
// it is useful without any further request. Fails when one outgrows its limit.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { transformWithEsbuild } from "vite";
import { LANGUAGES } from "../src/i18n/choice.ts";
import { bundle } from "./bundle.mjs";
import { waitingPage } from "./waiting-page.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
/** The page is to weigh less than 15 kB. The rest is for what the server lays into it: with the longest
 * names (src/api/queue_page.c) and the largest numbers 1,615 bytes. */
const LIMIT_BYTES = 13_385;

/** The tokens' names, short: every byte of the page counts. */
const shortNames = new Map();
const shorten = (text) =>
  text.replace(/var\((--[\w-]+)\)/g, (whole, name) => whole.replace(name, shortNames.get(name) ?? name));

/** The sheet, with those of the design's tokens that it uses, in light and dark. */
async function style() {
  const sheet = readFileSync(resolve(web, "src/waiting/page.css"), "utf8");
  const tokens = readFileSync(resolve(web, "src/design/tokens.css"), "utf8");
  const used = new Set([...sheet.matchAll(/var\((--[\w-]+)\)/g)].map((found) => found[1]));
  for (const name of used)
    if (tokens.includes(`${name}:`)) shortNames.set(name, `--${(10 + shortNames.size).toString(36)}`);
  const [light, dark] = tokens
    .split("@media (prefers-color-scheme: dark)")
    .map((part) =>
      [...part.matchAll(/(--[\w-]+): ([^;]+);/g)]
        .filter(([, name]) => used.has(name))
        .map(([, name, value]) => `${shortNames.get(name)}:${value.replace("#ffffff", "#fff")};`)
        .join(""),
    );
  const { code } = await transformWithEsbuild(
    `:root{color-scheme:light dark;${light}}` +
      `@media (prefers-color-scheme:dark){:root{${dark}}}${shorten(sheet)}`,
    "page.css",
    { loader: "css", minify: true, target: "es2022" },
  );
  return code.trim();
}

const put = (text, mark, filling) => {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`page.html has no ${mark}`);
  const behind = at + mark.length;
  return text.slice(0, behind) + filling + text.slice(behind);
};

/** The words of a language, each to be laid in where `WORDS.key` stands. */
const defined = (words) =>
  Object.fromEntries(Object.entries(words).map(([key, text]) => [`WORDS.${key}`, JSON.stringify(text)]));

const document = readFileSync(resolve(web, "src/waiting/page.html"), "utf8")
  .replace(/\s+/g, " ")
  .replace(/> </g, "><")
  .replace(/ (<|\/>)/g, "$1")
  .replace(/> /g, ">")
  // Tags that follow from what comes next.
  .replace(/<\/p>(?=<p|<div|<h1|<section|<\/section|<\/main)|<body>|<\/body><\/html>/g, "")
  .replace(/(<(?:meta|link)[^>]*)\/>/g, "$1>");
const sheet = await style();
mkdirSync(resolve(web, "dist/assets"), { recursive: true });

/** The page and its second file in one language; returns the page's bytes. */
async function build(language) {
  const words = (await import(`../src/waiting/words/${language}.ts`))[language];
  const define = defined(words);
  const more = shorten(await bundle(web, "waiting/more.ts", define));
  const hash = createHash("sha256").update(more).digest("hex").slice(0, 8);
  const address = `/assets/waiting-${hash}.js`;
  let page = document
    .replace(/\{(\w+)\}/g, (_, key) => words[key])
    .replace(/="([\w-]+)"/g, "=$1")
    .replace("<script type=application/json", '<script type="application/json"');
  page = put(page, "<style>", sheet);
  define.MORE = JSON.stringify(address);
  page = put(page, "<script type=module>", await bundle(web, "waiting/page.ts", define));
  writeFileSync(resolve(web, `dist${address}`), more);
  writeFileSync(resolve(web, "dist", waitingPage(language)), page);
  return Buffer.byteLength(page);
}

const sizes = [];
for (const language of LANGUAGES) sizes.push(await build(language));
console.log(`waiting page, ${LANGUAGES.join(", ")}: ${sizes.join(", ")} bytes (limit ${LIMIT_BYTES})`);
if (Math.max(...sizes) > LIMIT_BYTES) {
  console.error("the waiting page outgrew its limit");
  process.exit(1);
}
