// Buys tickets in a real browser, on phone, tablet and desktop, in every way the shop offers.
//
//   web/node_modules/.bin/node tests/e2e/web/run.mjs http://127.0.0.1:8080 [--out FOLDER] [--only TEXT]
//
// The server must offer a large seated event, a standing one and the demo's mailbox (`onsale demo`
// does); cases in which the organiser acts, too, need its token in ONSALE_ADMIN_TOKEN. Chromium is /usr/bin/chromium or the one named by the environment's CHROMIUM. Prints one
// line a case and at the end "N passed, N failed[, N skipped]"; exit status 0 when none failed.
import { cases, findEvents } from "./cases.mjs";
import { openBrowser, Pictures, Skip } from "./lib.mjs";

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : process.argv[at + 1];
}

const base = process.argv[2];
if (!base || base.startsWith("--")) {
  console.error("usage: run.mjs BASE [--out FOLDER] [--only TEXT]");
  process.exit(2);
}

const only = option("--only");
const browser = await openBrowser();
const world = {
  base,
  browser,
  adminToken: process.env.ONSALE_ADMIN_TOKEN,
  pictures: new Pictures(option("--out")),
  events: await findEvents(base),
};
let passed = 0;
let failed = 0;
let skipped = 0;
for (const [name, act] of cases) {
  if (only && !name.includes(only)) continue;
  const start = Date.now();
  try {
    await act(world);
    passed++;
    console.log(`ok      ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    if (error instanceof Skip) {
      skipped++;
      console.log(`skipped ${name}: ${error.message}`);
      continue;
    }
    failed++;
    console.log(`FAILED  ${name}: ${error.message.replace(/\s*\n\s*/g, " | ").slice(0, 300)}`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failed === 0 ? 0 : 1);
