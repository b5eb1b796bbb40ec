// After Vite: the shop's document in each language. index.html stays the English one; index.de.html and
// so on are the same with their own language, description and words for browsers without script. Each
// names the catalogue that the script will ask for, so that both come at once.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LANGUAGES } from "../src/i18n/choice.ts";

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(resolve(dist, ".vite/manifest.json"), "utf8"));
const built = readFileSync(resolve(dist, "index.html"), "utf8");

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** `pattern` must be there, once; its groups are what stays on either side. */
function replace(text, pattern, words) {
  const parts = text.split(pattern);
  if (parts.length !== 4) throw new Error(`index.html has no ${pattern}, or several`);
  return parts[0] + parts[1] + words + parts[2] + parts[3];
}

for (const language of LANGUAGES) {
  const texts = (await import(`../src/i18n/${language}.ts`))[language];
  const { file } = manifest[`src/i18n/${language}.ts`];
  let page = replace(built, /(<html lang=")[a-z]+(")/, language);
  page = replace(page, /(<meta name="description" content=")[^"]*(")/, escaped(texts["page.description"]));
  page = replace(page, /(<noscript>\s*<p>)[^<]*(<\/p>)/, escaped(texts["page.noscript"]));
  page = replace(page, /()(<\/head>)/, `  <link rel="modulepreload" href="/${file}" />\n  `);
  writeFileSync(resolve(dist, language === "en" ? "index.html" : `index.${language}.html`), page);
}
