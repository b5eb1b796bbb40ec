// What the cases share: a browser, a page that remembers its own complaints, and the shop's events.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(resolve(here, "../../../web/package.json"));
export const { chromium } = require("playwright-core");

export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };
export const DESKTOP = { width: 1440, height: 900 };

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}

/** Answers that a case provokes on purpose show up as failed loads in the console. */
const EXPECTED = /the server responded with a status of (402|404|409|410|422)/;

/** A fresh buyer: own session, own storage. `complaints` collects errors of page and console, but for
 * those that the case says it provokes (`options.provokes`). */
export async function openBuyer(browser, base, size, options = {}) {
  // What is held in a hand: touched, with a sharp screen.
  const phone = size !== DESKTOP;
  const context = await browser.newContext({
    baseURL: base,
    viewport: size,
    hasTouch: phone,
    isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1,
    colorScheme: options.dark ? "dark" : "light",
    reducedMotion: options.still ? "reduce" : "no-preference",
    locale: options.locale ?? "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`page: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !EXPECTED.test(text) && !options.provokes?.test(text))
      complaints.push(`console: ${text}`);
  });
  return { context, page, phone, complaints };
}

export class Pictures {
  constructor(folder) {
    this.folder = folder;
    if (folder) mkdirSync(folder, { recursive: true });
  }
  async take(page, name, whole = false) {
    if (this.folder)
      await page.screenshot({ path: join(this.folder, `${name}.png`), fullPage: whole });
  }
}

async function json(base, path) {
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** The events that the cases need, found by what they are and not by name. */
export async function findEvents(base) {
  const { items } = await json(base, "/api/v1/events?limit=50");
  const all = await Promise.all(items.map((item) => json(base, `/api/v1/events/${item.id}`)));
  const open = all.filter((event) => event.sale.state === "open");
  const seated = open
    .filter((event) => event.plan_url !== null)
    .sort((a, b) => b.seat_count - a.seat_count);
  return {
    all,
    largest: seated[0],
    smallest: seated[seated.length - 1],
    standing: open.find((event) => event.plan_url === null && event.areas.length > 0),
    upcoming: all.find((event) => event.sale.state === "upcoming"),
  };
}

/** Thrown by a case that cannot run here; says why. */
export class Skip extends Error {}

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Chooses the first free section and row of the list, from `skip` free rows on. */
export async function openRow(page, skip = 0) {
  const listButton = page.getByRole("button", { name: "List", exact: true });
  const section = page.locator(".list select").first();
  await page.locator(".map canvas").waitFor();
  if (await listButton.isVisible().catch(() => false)) await listButton.click();
  await section.locator("option:not([disabled])").nth(1).waitFor({ state: "attached" });
  const options = section.locator("option:not([disabled])");
  const sections = await options.count();
  await section.selectOption(await options.nth(1 + (skip % (sections - 1))).getAttribute("value"));
  const row = page.locator(".list select").nth(1);
  const rows = row.locator("option:not([disabled])");
  await rows.nth(1).waitFor({ state: "attached" });
  const last = (await rows.count()) - 1;
  await row.selectOption(await rows.nth(Math.min(last, 2)).getAttribute("value"));
  await page.locator(".list .seat").first().waitFor();
}

/** Picks `n` free seats of the open row. */
export async function pickFromRow(page, n) {
  const free = page.locator('.list .seat:not([disabled])[aria-pressed="false"]');
  for (let i = 0; i < n; i++) await free.first().click();
  check((await page.locator(".tray-seat").count()) === n, `${n} picks are in the tray`);
}

export async function hold(page) {
  await page.locator(".tray-next .primary").click();
  await page.waitForURL(/\/checkout\//);
  await page.locator(".checkout-summary").waitFor();
}

/** A fresh address: what one buyer may have is counted by it, too. */
export function address(name = "ada") {
  return `${name}.${randomBytes(4).toString("hex")}@example.com`;
}

export async function pay(page, card, email = address()) {
  const field = page.locator('input[name="email"]');
  if (await field.isVisible()) await field.fill(email);
  await page.locator(`input[value="${card}"]`).check();
  await page.locator('.checkout-form button[type="submit"]').click();
}

/** Waits for tickets and sees that each code is a picture. */
export async function tickets(page, n) {
  await page.waitForURL(/\/orders\//);
  await page.locator(".ticket").first().waitFor({ timeout: 20_000 });
  check((await page.locator(".ticket").count()) === n, `${n} tickets are shown`);
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".ticket img")].every(
      (image) => image.complete && image.naturalWidth > 0,
    ),
  );
}

/** Nothing may stick out of the screen, or the whole page slides under a thumb. */
export async function noSideways(page, where) {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  check(over <= 0, `${where}: nothing lies beside the screen (${over})`);
}

export async function withBuyer(world, size, options, act) {
  const buyer = await openBuyer(world.browser, world.base, size, options);
  try {
    await act(buyer);
    check(buyer.complaints.length === 0, `nothing complains: ${buyer.complaints.join("; ")}`);
  } finally {
    await buyer.context.close();
  }
}

const AXE_SOURCE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

export async function noViolation(page, where) {
  // Not a script tag: the page's policy would refuse it, as it should.
  await page.evaluate(AXE_SOURCE);
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(rules), RULES);
  check(
    violations.length === 0,
    `${where}: ${violations
      .map((each) => `${each.id} (${each.nodes.map((node) => node.target.join(" ")).slice(0, 3)})`)
      .join("; ")}`,
  );
}
