// Makes what the sources import and git does not carry, in src/generated:
//   archivo.woff2  the type family, cut to the letters and the axes we use (at most 45 kB)
//   openapi.ts     the contract's types, from ../api/openapi.yaml
// Each is made again only when its inputs are newer.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = resolve(web, "src/generated");
const FONT_LIMIT_BYTES = 45_000;

function stale(target, ...inputs) {
  if (!existsSync(target)) return true;
  const made = statSync(target).mtimeMs;
  return inputs.some((input) => statSync(input).mtimeMs > made);
}

function letters() {
  // ASCII, the accents of German, Spanish and French, and what typesetting needs. Names in other
  // letters are set in the system's type.
  let text = "";
  for (let code = 0x20; code < 0x7f; code++) text += String.fromCharCode(code);
  return (
    text + "ÀÂÄÇÈÉÊËÎÏÔÖÙÛÜßàâäçèéêëîïôöùûüÿŒœÁÍÓÚÑáíóúñ¿¡«»°·©§ªº–—‘’“”„•…€£¥−×→←\u00a0\u202f"
  );
}

async function makeFont() {
  const source = resolve(
    web,
    "node_modules/@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2",
  );
  const target = resolve(out, "archivo.woff2");
  if (!stale(target, source, fileURLToPath(import.meta.url))) return;
  const { default: subsetFont } = await import("subset-font");
  const font = await subsetFont(readFileSync(source), letters(), {
    targetFormat: "woff2",
    keepFeatures: ["kern", "mark", "ccmp", "tnum", "lnum"],
    noHinting: true,
    variationAxes: { wght: { min: 400, max: 800 }, wdth: { min: 100, max: 125 } },
  });
  if (font.length > FONT_LIMIT_BYTES)
    throw new Error(`the font has ${font.length} bytes; the limit is ${FONT_LIMIT_BYTES}`);
  writeFileSync(target, font);
  console.log(`src/generated/archivo.woff2: ${font.length} bytes`);
}

async function makeTypes() {
  const source = resolve(web, "../api/openapi.yaml");
  const target = resolve(out, "openapi.ts");
  if (!stale(target, source, fileURLToPath(import.meta.url))) return;
  const { default: openapiTS, astToString } = await import("openapi-typescript");
  const tree = await openapiTS(new URL(`file://${source}`));
  writeFileSync(target, astToString(tree));
  console.log("src/generated/openapi.ts: from api/openapi.yaml");
}

mkdirSync(out, { recursive: true });
await makeFont();
if (existsSync(resolve(web, "../api/openapi.yaml"))) await makeTypes();
