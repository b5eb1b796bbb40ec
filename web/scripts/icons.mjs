// Draws the icons of the installed shop from public/favicon.svg, with a browser (CHROMIUM, default
// /usr/bin/chromium). Not part of the build: run it when the mark changes and keep what it writes.
//
//   node_modules/.bin/node scripts/icons.mjs
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const publicFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../public");
const mark = readFileSync(resolve(publicFolder, "favicon.svg"), "utf8");
const PAPER = "#faf7f2";

/** `part` of the side is the mark; without a ground it is clear. A maskable icon is cut to any shape
 * that leaves the inner four fifths. */
const icons = [
  { name: "icon-192.png", side: 192, part: 1, ground: "transparent" },
  { name: "icon-512.png", side: 512, part: 1, ground: "transparent" },
  { name: "icon-maskable-512.png", side: 512, part: 0.66, ground: PAPER },
  { name: "apple-touch-icon.png", side: 180, part: 0.78, ground: PAPER },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const { name, side, part, ground } of icons) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(
    `<style>html{background:${ground}}body{margin:0;display:grid;place-items:center;height:100vh}
     svg{width:${part * 100}vw;height:${part * 100}vw}</style>${mark}`,
  );
  await page.screenshot({ path: resolve(publicFolder, name), omitBackground: true });
  await page.close();
}
await browser.close();
