// After the build: lays .br and .gz beside every text file of dist, so that the server sends bytes
// it never has to compress, and checks what a buyer's script may weigh.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LANGUAGES } from "../src/i18n/choice.ts";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
const SCRIPT_LIMIT_BYTES = 60_000;
const TEXTS = new Set([".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest"]);

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** Lays both beside `path`; returns the bytes of the smaller one. */
function pack(path) {
  const bytes = readFileSync(path);
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  return br.length;
}

const sizes = new Map();
for (const path of files(dist))
  if (TEXTS.has(extname(path))) sizes.set(path.slice(dist.length + 1), pack(path));

// The way from the event to the ticket: what each of its pages imports, in one language, the largest.
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const WAY = ["index", "seats-page", "checkout-page", "order-page"];
const needed = new Set();
function need({ file, imports = [] }) {
  if (needed.has(file)) return;
  needed.add(file);
  for (const source of imports) need(manifest[source]);
}
for (const name of WAY)
  need(Object.values(manifest).find((each) => each.name === name && each.file.endsWith(".js")));
const catalogues = LANGUAGES.map((language) => sizes.get(manifest[`src/i18n/${language}.ts`].file));
const script = [...needed].reduce((sum, file) => sum + sizes.get(file), Math.max(...catalogues));

console.log(`script from event to ticket, brotli: ${script} bytes (limit ${SCRIPT_LIMIT_BYTES})`);
if (script > SCRIPT_LIMIT_BYTES) {
  console.error("the script outgrew its limit");
  process.exit(1);
}
