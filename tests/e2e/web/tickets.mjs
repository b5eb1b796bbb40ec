// Tickets after they were bought: without a network, large and white, in a calendar, sent on.
import { readFile } from "node:fs/promises";
import { check, DESKTOP, hold, noViolation, pay, PHONE, tickets, withBuyer } from "./lib.mjs";

const PROVOKES = /ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|FAILED)/;

/** Buys so many standing places and stays on the order's page. */
async function bought(page, world, n) {
  await page.goto(`/events/${world.events.standing.id}/seats`);
  const more = page.getByRole("button", { name: /^One more/ }).first();
  for (let i = 0; i < n; i++) await more.click();
  await hold(page);
  await pay(page, "pm_card_visa");
  await tickets(page, n);
}

/** Until the browser keeps the tickets and the worker the shop's files. */
export async function kept(page) {
  for (let look = 0; look < 100; look++) {
    const done = await page.evaluate(async () => {
      const worker = await navigator.serviceWorker.getRegistration("/");
      const names = await caches.keys();
      const files = names.find((name) => name.startsWith("onsale-files-"));
      const shop = files && (await (await caches.open(files)).match("/index.html", { ignoreSearch: true }));
      return worker?.active?.state === "activated" && !!shop && !!(await caches.match(location.pathname));
    });
    if (done) return;
    await page.waitForTimeout(100);
  }
  throw new Error("the browser does not keep the tickets");
}

const code = (page) => page.locator(".ticket img").first().evaluate((image) => [image.src, image.naturalWidth]);

async function withoutNetwork(world) {
  await withBuyer(world, PHONE, { provokes: PROVOKES }, async ({ context, page }) => {
    await bought(page, world, 2);
    await kept(page);
    const order = new URL(page.url()).pathname;

    await context.setOffline(true);
    await page.reload();
    await tickets(page, 2);
    await page.getByText(/^No connection\. Your tickets as of /).waitFor();
    const [source, width] = await code(page);
    check(source.startsWith("data:image/svg+xml,") && width > 0, "the code is a picture that was kept");
    await noViolation(page, "tickets without a network");
    await world.pictures.take(page, "phone-tickets-offline", true);

    // Another tab, from the start page on, and the code large.
    const again = await context.newPage();
    await again.goto("/");
    await again.getByRole("main").getByRole("link", { name: "My tickets" }).click();
    await again.getByRole("heading", { name: world.events.standing.name }).waitFor();
    await noViolation(again, "my tickets without a network");
    await world.pictures.take(again, "phone-my-tickets");
    await again.locator(".kept-order a").click();
    await tickets(again, 2);
    await again.getByRole("button", { name: "Show the code of ticket 2 large" }).click();
    await again.locator("dialog.bright img").waitFor();
    await again.getByRole("button", { name: "Send to a friend" }).click();
    await again.locator("dialog.bright").getByText(/^No connection/).waitFor();
    check(new URL(again.url()).pathname === order, "the order has its own address");
    await again.goto("/tickets");
    await again.locator(".kept-order").waitFor();
    await again.close();

    await context.setOffline(false);
    await page.getByText(/^No connection/).waitFor({ state: "hidden" });
    const [fresh] = await code(page);
    check(fresh.startsWith("http"), "with a network the server's code is shown");
  });
}

/** Nothing of the server's says which language: the page does, out of what it keeps. */
async function inOwnLanguage(world) {
  await withBuyer(world, PHONE, { provokes: PROVOKES }, async ({ context, page }) => {
    await bought(page, world, 1);
    await kept(page);
    await page.getByRole("link", { name: "Deutsch" }).or(page.getByRole("button", { name: "Deutsch" })).click();
    await page.waitForFunction(() => document.documentElement.lang === "de");
    await context.setOffline(true);
    await page.reload();
    await tickets(page, 1);
    check((await page.evaluate(() => document.documentElement.lang)) === "de", "it stays German");
    await page.goto("/tickets");
    await page.locator(".kept-order").waitFor();
    check((await page.locator("h1").innerText()) !== "My tickets", "in words, too");
  });
}

/** No answer comes, but the line is not dead either: as in a full hall. */
async function hangingNetwork(world) {
  await withBuyer(world, PHONE, { provokes: PROVOKES }, async ({ context, page }) => {
    await bought(page, world, 1);
    await kept(page);
    await context.route("**/api/**", () => undefined);
    await page.reload();
    await tickets(page, 1);
    await page.getByText(/^No connection\. Your tickets as of /).waitFor();
  });
}

/** What was given back is not shown as a ticket any more, nor kept. */
async function notAnyMore(world) {
  await withBuyer(world, PHONE, { provokes: PROVOKES }, async ({ page }) => {
    await bought(page, world, 1);
    await kept(page);
    await page.route("**/api/v1/events/*/orders/*", async (route) => {
      const answer = await route.fetch();
      const order = await answer.json();
      await route.fulfill({ response: answer, json: { ...order, state: "refunded", reason: "refunded", tickets: [] } });
    });
    await page.reload();
    await page.getByRole("heading", { name: "Refunded." }).waitFor();
    await page.waitForFunction(async () => !(await caches.match(location.pathname)));
    await page.goto("/tickets");
    await page.getByText(/^No tickets on this device yet/).waitFor();
  });
}

/** Whoever lost the session still has what this browser keeps. */
async function withoutSession(world) {
  await withBuyer(world, PHONE, {}, async ({ context, page }) => {
    await bought(page, world, 1);
    await kept(page);
    await page.evaluate(() => localStorage.clear());
    await context.clearCookies();
    await page.reload();
    await tickets(page, 1);
    await page.getByText(/^We no longer know this browser\. Your tickets as of /).waitFor();
  });
}

/** Counts how often the page asks for the screen to stay on, and lets go again. */
const countWakeLocks = () => {
  globalThis.awake = 0;
  const release = async () => void globalThis.awake--;
  const request = async () => {
    globalThis.awake++;
    return { release };
  };
  Object.defineProperty(navigator, "wakeLock", { value: { request } });
};

/** A device with a sheet for sharing: what was handed to it stays in `shared`. */
const playSheet = () => {
  globalThis.shared = [];
  navigator.canShare = (data) => Array.isArray(data.files);
  navigator.share = async ({ files = [], ...data }) =>
    void globalThis.shared.push({ ...data, files: files.map((file) => [file.name, file.type, file.size]) });
};

async function large(world) {
  await withBuyer(world, PHONE, { dark: true }, async ({ page }) => {
    await page.addInitScript(countWakeLocks);
    await page.addInitScript(playSheet);
    await bought(page, world, 2);
    const opener = page.getByRole("button", { name: "Show the code of ticket 1 large" });
    await opener.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Ticket 1 of 2" });
    const picture = dialog.getByRole("img");
    await picture.waitFor();
    const [width, ground] = await Promise.all([
      picture.evaluate((image) => image.getBoundingClientRect().width),
      dialog.evaluate((box) => getComputedStyle(box).backgroundColor),
    ]);
    check(width > 340, `the code is as wide as the phone: ${width}`);
    check(ground === "rgb(255, 255, 255)", `it is white in the dark, too: ${ground}`);
    check((await page.evaluate(() => globalThis.awake)) === 1, "the screen is kept on");
    await noViolation(page, "a code shown large");
    await world.pictures.take(page, "phone-bright");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "Ticket 2 of 2" }).waitFor();
    check(await page.getByRole("button", { name: "Next" }).isDisabled(), "it is the last");
    await page.getByRole("button", { name: "Previous" }).click();
    await dialog.waitFor();
    await page.getByRole("button", { name: "Send to a friend" }).click();
    await page.waitForFunction(() => globalThis.shared.length === 1);
    const [{ title, files }] = await page.evaluate(() => globalThis.shared);
    check(title.includes(world.events.standing.name), "the sheet says what for");
    const [name, type, size] = files[0];
    check(name === "ticket-1.png" && type === "image/png" && size > 500, `the code goes as a picture: ${files}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.waitForFunction(() => globalThis.awake === 0);
    check(await opener.evaluate((button) => button === document.activeElement), "the focus is where it was");
  });
}

/** The moment that "20270612T203000" is where clocks are `offset` ("+0200") ahead. */
const moment = (local, offset) =>
  Date.parse(local.replace(/(....)(..)(..T..)(..)(..)/, "$1-$2-$3:$4:$5") + offset.replace(/(...)/, "$1:"));

async function inCalendar(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await bought(page, world, 2);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Add to calendar" }).click(),
    ]);
    check(download.suggestedFilename().endsWith(".ics"), "it is a calendar's file");
    const text = await readFile(await download.path(), "utf8");
    const { name, starts_at, timezone } = world.events.standing;
    const [, zone, local] = /DTSTART;TZID=(.*):(\w+)\r\n/.exec(text);
    const [, offset] = /TZOFFSETTO:(\S+)\r\n/.exec(text);
    check(zone === timezone && text.includes(`TZID:${zone}\r\n`), "it has the venue's zone");
    check(moment(local, offset) === Date.parse(starts_at), `${local} ${offset} is ${starts_at}`);
    check(text.includes(`SUMMARY:${name}`), "and the event's name");
    check(text.replace(/\r\n /g, "").includes(new URL(page.url()).pathname), "and the way to the tickets");
  });
}

async function toldFriends(world) {
  const wanted = `/events/${world.events.standing.id}`;
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.addInitScript(playSheet);
    await bought(page, world, 1);
    await page.getByRole("button", { name: "Tell friends" }).click();
    await page.waitForFunction(() => globalThis.shared.length === 1);
    const [{ url }] = await page.evaluate(() => globalThis.shared);
    check(new URL(url).pathname === wanted, `the event is shared, and no ticket: ${url}`);
  });
  await withBuyer(world, DESKTOP, {}, async ({ context, page }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await bought(page, world, 1);
    await page.getByRole("button", { name: "Tell friends" }).click();
    await page.getByText("The link is copied.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    check(new URL(copied).pathname === wanted, `without a sheet the link is copied: ${copied}`);
    await world.pictures.take(page, "desktop-tickets-actions", true);
  });
}

export const ticketCases = [
  ["are there without a network", withoutNetwork],
  ["are there without a network in the reader's language", inOwnLanguage],
  ["are there while no answer comes", hangingNetwork],
  ["that were given back are kept no longer", notAnyMore],
  ["outlive the session that bought them", withoutSession],
  ["are shown large and white, one after the other, and sent on", large],
  ["go into a calendar at the venue's own time", inCalendar],
  ["are not what friends are told of, the event is", toldFriends],
].map(([name, act]) => [`tickets ${name}`, act]);
