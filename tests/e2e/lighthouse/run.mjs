// Lighthouse, as a phone, on each page from the list to the ticket and on the waiting page, against a
// demo of its own: accessibility, best practices and SEO must be 100; performance is printed.
//
//   tests/e2e/lighthouse/run [--out FOLDER]
//
// Lighthouse is installed by this folder's package.json, so that only tests bring it along; it drives
// the same Chromium as tests/e2e/web, which also makes the purchase whose pages are looked at.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

import { Client } from "../lib/client.mjs";
import { Server } from "../lib/server.mjs";
import { chromium, findEvents, hold, openRow, pay, pickFromRow, tickets } from "../web/lib.mjs";

const MUST = { accessibility: "accessibility", "best-practices": "best practices", seo: "SEO" };

const at = process.argv.indexOf("--out");
const out = at < 0 ? null : process.argv[at + 1];
if (out) mkdirSync(out, { recursive: true });

let passed = 0;
let failed = 0;
function told(name, holds, detail) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok     " : "FAILED "} ${name}: ${detail}`);
}

/** A new demo makes its events after it is ready. */
async function eventsThere(port) {
  const client = new Client(port);
  for (let look = 0; look < 300; look++) {
    const { json } = await client.request("GET", "/api/v1/events");
    if (json.items.length >= 5) return client.close();
    await sleep(100);
  }
  throw new Error("the demo made no events within half a minute");
}

/** What keeps Lighthouse from 100, in its own words. */
function complaints(lhr, category) {
  return lhr.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 1)
    .map(({ id }) => {
      const { title, details } = lhr.audits[id];
      const where = (details?.items ?? [])
        .slice(0, 2)
        .map((item) => item.node?.selector ?? item.description ?? item.url ?? "")
        .join(", ");
      return `${title}${where ? ` (${where})` : ""}`;
    });
}

/** `own`: a buyer's own page, which search engines are rightly kept from. */
async function look(base, port, [name, path, own]) {
  const skipAudits = own ? ["is-crawlable"] : [];
  const { lhr, report } = await lighthouse(
    new URL(path, base).href,
    { port, output: "html", logLevel: "error", disableStorageReset: true },
    {
      extends: "lighthouse:default",
      settings: { onlyCategories: [...Object.keys(MUST), "performance"], skipAudits },
    },
  );
  if (out) writeFileSync(join(out, `${name}.html`), report);
  const score = (category) => Math.round((lhr.categories[category].score ?? 0) * 100);
  for (const [category, words] of Object.entries(MUST)) {
    const found = complaints(lhr, category).join("; ");
    told(`${name}, ${words}`, score(category) === 100, `${score(category)}${found ? `: ${found}` : ""}`);
  }
  const figure = (audit) => lhr.audits[audit]?.displayValue ?? "?";
  // On a busy machine a trace may be unfit for it.
  const performance = lhr.categories.performance.score === null ? "not measured" : score("performance");
  console.log(
    `        ${name}, performance: ${performance} (first paint ${figure("first-contentful-paint")}, largest ` +
      `${figure("largest-contentful-paint")}, blocked ${figure("total-blocking-time")}, shift ${figure("cumulative-layout-shift")})`,
  );
}

const server = await Server.create({ name: "lighthouse", command: ["demo"] });
const profile = mkdtempSync(join(tmpdir(), "onsale-lighthouse-profile-"));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
let context;
let browser;
try {
  await server.start();
  await eventsThere(server.port);
  const base = `http://127.0.0.1:${server.port}`;
  context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ["--no-sandbox"],
    baseURL: base,
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
  });
  const { all, largest, smallest } = await findEvents(base);
  const waiting = all.find((event) => event.queue.active);
  const page = await context.newPage();
  const buy = async (skip) => {
    await page.goto(`/events/${smallest.id}/seats`);
    await openRow(page, skip);
    await pickFromRow(page, 2);
    await hold(page);
    return new URL(page.url()).pathname;
  };
  await buy(0);
  await pay(page, "pm_card_visa");
  await tickets(page, 2);
  const order = new URL(page.url()).pathname;
  const checkout = await buy(1);
  // What is measured has nobody else at its wires; it knows the session by its profile.
  await context.close();
  context = null;
  browser = await launch({
    chromePath: executablePath,
    userDataDir: profile,
    chromeFlags: ["--headless=new", "--no-sandbox"],
    logLevel: "error",
  });
  for (const each of [
    ["home", "/", false],
    ["event", `/events/${largest.id}`, false],
    ["seats", `/events/${largest.id}/seats`, true],
    ["checkout", checkout, true],
    ["order", order, true],
    ["waiting", `/events/${waiting.id}/queue`, true],
  ])
    await look(base, browser.port, each);
} catch (error) {
  told("the pages can be looked at", false, error.stack ?? error);
  console.log(server.lastLog());
} finally {
  await context?.close();
  browser?.kill();
  await server.stop();
  server.remove();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
