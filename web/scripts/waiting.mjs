// Builds the waiting page: one document with its style and script inside, so that it is useful
// without any further request. Fails when it outgrows its limit.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transformWithEsbuild } from "vite";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
/** The page is to weigh less than 15 kB; the rest is for what the server lays into it. */
const LIMIT_BYTES = 13_900;

/** One source with all that it imports, as an ES module. */
async function script(source, define) {
  const [{ output }] = await build({
    configFile: false,
    root: web,
    logLevel: "warn",
    publicDir: false,
    define,
    build: {
      target: "es2022",
      write: false,
      reportCompressedSize: false,
      lib: { entry: resolve(web, "src/waiting", source), formats: ["es"] },
      rollupOptions: { external: /^\/assets\// },
    },
  });
  // Of a module for libraries Vite leaves the spaces in.
  const { code } = await transformWithEsbuild(output[0].code, source, { minify: true, target: "es2022" });
  return code.trim();
}

/** The sheet, with those of the design's tokens that it uses, in light and dark. */
async function style() {
  const sheet = readFileSync(resolve(web, "src/waiting/page.css"), "utf8");
  const tokens = readFileSync(resolve(web, "src/design/tokens.css"), "utf8");
  const used = new Set([...sheet.matchAll(/var\((--[\w-]+)\)/g)].map((found) => found[1]));
  const [light, dark] = tokens
    .split("@media (prefers-color-scheme: dark)")
    .map((part) =>
      [...part.matchAll(/(--[\w-]+): ([^;]+);/g)]
        .filter(([, name]) => used.has(name))
        .map(([, name, value]) => `${name}:${value.replace("#ffffff", "#fff")};`)
        .join(""),
    );
  const { code } = await transformWithEsbuild(
    `:root{color-scheme:light dark;${light}}` +
      `@media (prefers-color-scheme:dark){:root{${dark}}}${sheet}`,
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

const more = await script("more.ts", {});
const hash = createHash("sha256").update(more).digest("hex").slice(0, 8);
const address = `/assets/waiting-${hash}.js`;

let page = readFileSync(resolve(web, "src/waiting/page.html"), "utf8")
  .replace(/\s+/g, " ")
  .replace(/> </g, "><")
  .replace(/(<(?:meta|link)[^>]*) \/>/g, "$1>")
  .replace(/="([\w-]+)"/g, "=$1")
  .replace("<script type=application/json", '<script type="application/json"');
page = put(page, "<style>", await style());
page = put(page, "<script type=module>", await script("page.ts", { MORE: JSON.stringify(address) }));
const size = Buffer.byteLength(page);
console.log(`waiting page: ${size} bytes (limit ${LIMIT_BYTES})`);
if (size > LIMIT_BYTES) {
  console.error("the waiting page outgrew its limit");
  process.exit(1);
}
mkdirSync(resolve(web, "dist/assets"), { recursive: true });
writeFileSync(resolve(web, `dist${address}`), more);
writeFileSync(resolve(web, "dist/waiting.html"), page);
