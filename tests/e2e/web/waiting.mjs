// The waiting room as a visitor meets it: lobby, draw, line, call, purchase, and what can go wrong.
import {
  address,
  check,
  DESKTOP,
  noSideways,
  noViolation,
  pay,
  PHONE,
  tickets,
  withBuyer,
} from "./lib.mjs";
import { organise, soon, withToken } from "./organiser.mjs";

const PAGE_BYTES_MAX = 15_000;
/** Joins that make a house ask for work whose challenge_joins_per_second is 20. */
const RUSH = 40;
const RUSH_EVERY_MS = 250;

/** An event of 40 places without seats, with a waiting room. */
export async function newEvent(world, queue, more = {}) {
  const { id } = await organise(world, "POST", "", {
    name: "An evening in line",
    starts_at: "2031-05-03T19:30:00",
    timezone: "Europe/Vienna",
    venue: { name: "Small Hall", city: "Vienna", country: "AT" },
    currency: "EUR",
    price_categories: [{ name: "Floor", price: 2500, fee: 250 }],
    areas: [{ id: "floor", name: "Floor", capacity: 40, price_category: "Floor" }],
    queue: { target_active: 10, per_minute: 600, claim_seconds: 60, ...queue },
    ...more,
  });
  return id;
}

/** A visitor without a browser. */
class Other {
  static async enter(world, event) {
    const other = new Other();
    other.path = new URL(`/api/v1/events/${event}/queue`, world.base).href;
    const session = await fetch(new URL("/api/v1/sessions", world.base), { method: "POST" });
    other.token = (await session.json()).token;
    const joined = await other.call("POST", "", {});
    check(joined.status === 201, `another visitor joins: ${joined.status}`);
    return other;
  }
  call(method, path, body) {
    return fetch(this.path + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  }
  async comeIn() {
    for (let look = 0; look < 100; look++) {
      if ((await this.call("POST", "/claim", {})).ok) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error("another visitor was not let in");
  }
  leave() {
    return this.call("DELETE", "");
  }
}

/** So many others, one after the other, slowly enough that none is asked to compute. */
async function others(world, event, n) {
  const all = [];
  for (let i = 0; i < n; i++) {
    all.push(await Other.enter(world, event));
    await new Promise((done) => setTimeout(done, 60));
  }
  return all;
}

/** `n` who are in, so that nobody else is let in, and `waiting` in line behind them. */
export async function fullHouse(world, event, n, waiting) {
  const inside = await others(world, event, n);
  for (const other of inside) await other.comeIn();
  return { inside, line: await others(world, event, waiting) };
}

export const titled = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();
export const own = (page) => page.locator("#number").textContent();
export const ahead = async (page) => Number(await page.locator("#big").textContent());
export const room = (event) => `/events/${event}/queue`;

function fromLobbyToTickets(size, name) {
  return async (world) => {
    const event = await newEvent(
      world,
      { lobby_opens_at: soon(-1000) },
      { sale: { opens_at: soon(9000) } },
    );
    await others(world, event, 4);
    await withBuyer(world, size, {}, async ({ page }) => {
      await page.goto(`/events/${event}`);
      await page.getByText("This event has a waiting room.").waitFor();
      await world.pictures.take(page, `${name}-waiting-event`);
      await page.getByRole("link", { name: "Go to the waiting room" }).click();
      await titled(page, "You are in the lobby");
      check((await own(page)) === "5", "the fifth to come has number 5");
      await noViolation(page, `the lobby (${name})`);
      await world.pictures.take(page, `${name}-waiting-lobby`);
      await page.getByText("How turns are drawn").click();
      await page.getByText("Fingerprint of the seed (SHA-256)").waitFor();
      await page.reload();
      await titled(page, "You are in the lobby");
      check((await own(page)) === "5", "a reload changes nothing");
      await titled(page, "It is your turn");
      await page.getByText("Come in within").waitFor();
      await page.getByText("How turns are drawn").click();
      await page.getByRole("button", { name: "Check my draw" }).click();
      await page.getByText(/^✓ Number 5 of 5 drew turn [1-5]\.$/).waitFor();
      await world.pictures.take(page, `${name}-waiting-called`, true);
      await noViolation(page, `the call (${name})`);
      const body = (await (await page.request.get(room(event))).body()).length;
      check(body < PAGE_BYTES_MAX, `the page has ${body} bytes`);
      await page.getByRole("button", { name: "Come in" }).click();
      await page.waitForURL(/\/seats$/);
      await page.getByText("Time to choose:").waitFor();
      await world.pictures.take(page, `${name}-waiting-inside`);
      await page.getByRole("button", { name: /one more/i }).first().click();
      await page.locator(".tray-next .primary").click();
      await page.waitForURL(/\/checkout\//);
      await page.locator(".checkout-summary").waitFor();
      await pay(page, "pm_card_visa", address());
      await tickets(page, 1);
      await page.goto(room(event));
      await titled(page, "Your time inside is over");
      await world.pictures.take(page, `${name}-waiting-over`);
    });
  };
}

async function line(world) {
  const event = await newEvent(world, { target_active: 2 });
  const { inside } = await fullHouse(world, event, 2, 5);
  const provokes = /ERR_INTERNET_DISCONNECTED|error occurred when fetching the script/;
  await withBuyer(world, PHONE, { still: true, provokes }, async ({ context, page }) => {
    await page.addInitScript(() => {
      globalThis.tones = 0;
      const { start } = AudioScheduledSourceNode.prototype;
      AudioScheduledSourceNode.prototype.start = function (...when) {
        globalThis.tones++;
        return start.apply(this, when);
      };
    });
    await page.goto(room(event));
    await titled(page, "You are in the line");
    check((await ahead(page)) === 5, "five are ahead");
    check((await own(page)) === "8", "the eighth to come has number 8");
    check((await page.title()).startsWith("5 ahead"), "the title says how many");
    // What somebody hears who does not see it.
    await page.getByRole("status").filter({ hasText: "People ahead of you: 5." }).waitFor();
    await page.getByRole("progressbar", { name: "The way to the front" }).waitFor();
    const moves = await page.evaluate(() => document.getAnimations().length);
    check(moves === 0, "nothing moves");
    await noViolation(page, "the line");
    await page.setViewportSize({ width: 320, height: 480 });
    await noSideways(page, "zoomed to 200 %");
    await page.setViewportSize(PHONE);
    await world.pictures.take(page, "phone-waiting-line", true);
    const sound = page.getByRole("button", { name: "Play a sound when it is my turn" });
    await sound.press("Enter");
    await page.waitForFunction(() => globalThis.tones === 1);
    check((await sound.getAttribute("aria-pressed")) === "true", "the sound is on");

    // Reloaded, it asks for nothing: all it shows was in the document.
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    await titled(page, "You are in the line");
    check((await own(page)) === "8", "a reload keeps the place");
    const calls = asked.filter((url) => /\/queue/.test(url) && /\/api\//.test(url));
    check(calls.length === 0, `nothing was asked for: ${calls}`);
    await page.locator("h1").click(); // the gesture that allows sound again

    await context.setOffline(true);
    await page.getByText("You are offline. As of").waitFor();
    await world.pictures.take(page, "phone-waiting-offline");
    await context.setOffline(false);
    await page.getByText("You are offline. As of").waitFor({ state: "hidden" });
    check((await own(page)) === "8", "the place was kept");

    await organise(world, "PATCH", `/${event}`, { queue: { state: "paused" } });
    await page.getByText("Paused: nobody is called").waitFor();
    await world.pictures.take(page, "phone-waiting-paused");
    await organise(world, "PATCH", `/${event}`, { queue: { state: "open" } });
    await page.getByText("Paused: nobody is called").waitFor({ state: "hidden" });

    // Called while the tab is in the background.
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await organise(world, "PATCH", `/${event}`, { queue: { target_active: 10 } });
    for (const other of inside) await other.leave();
    await page.waitForFunction(() => /It is your turn!/.test(document.title), null, {
      timeout: 30_000,
    });
    await page.waitForFunction(() => globalThis.tones > 5);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await titled(page, "It is your turn");
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    check(focused === "Come in", `the button has the focus, not ${focused}`);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/seats$/);
  });
}

/** As long as the API takes them, of characters that take four bytes and that take many when written. */
async function longNames(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    for (const [letter, n] of [
      ["😀", 50],
      ["<", 200],
    ]) {
      const name = letter.repeat(n);
      const event = await newEvent(
        world,
        { lobby_opens_at: soon(-1000) },
        {
          name,
          timezone: "America/Argentina/ComodRivadavia",
          venue: { name, city: "Vienna", country: "AT" },
          sale: { opens_at: soon(1500) },
        },
      );
      await page.goto(room(event));
      await titled(page, "It is your turn");
      const body = await (await page.request.get(room(event))).body();
      check(body.length < PAGE_BYTES_MAX, `with ${letter} the page has ${body.length} bytes`);
      await page.getByRole("link", { name: letter.repeat(30) }).waitFor();
      await noSideways(page, `a long name of ${letter}`);
    }
  });
}

async function missed(world) {
  const event = await newEvent(world, { claim_seconds: 10 });
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "It is your turn");
    check((await own(page)) === "1", "the first to come has number 1");
    await titled(page, "Your turn has passed");
    await world.pictures.take(page, "phone-waiting-missed");
    await noViolation(page, "a missed turn");
    await page.getByRole("button", { name: "Stand at the end of the line" }).click();
    await titled(page, "It is your turn");
    check((await own(page)) === "2", "it is another place");
    await titled(page, "Your turn has passed");
    await page.getByRole("button", { name: "Try to come in" }).click();
    await page.waitForURL(/\/seats$/);
  });
}

async function missedAndFull(world) {
  const event = await newEvent(world, { claim_seconds: 10, target_active: 1 });
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "It is your turn");
    const next = await Other.enter(world, event);
    await titled(page, "Your turn has passed");
    await next.comeIn();
    await page.getByRole("button", { name: "Try to come in" }).click();
    await page.getByText("No room right now.").waitFor();
    await page.getByRole("button", { name: "Stand at the end of the line" }).click();
    await titled(page, "You are in the line");
    check((await ahead(page)) === 0, "nobody is ahead");
    await next.leave();
    await titled(page, "It is your turn");
  });
}

async function pausedCall(world) {
  const event = await newEvent(world, { claim_seconds: 20 });
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "It is your turn");
    await organise(world, "PATCH", `/${event}`, { queue: { state: "paused" } });
    await page.getByText("Paused: nobody is called, and no time runs.").waitFor();
    await page.reload();
    await titled(page, "It is your turn");
    check((await page.locator("#big").textContent()) === "…", "no time is told that does not run");
    let asked = 0;
    page.on("request", (request) => (asked += /position/.test(request.url())));
    await page.waitForTimeout(4000);
    check(asked <= 4, `it asks calmly: ${asked}`);
    await organise(world, "PATCH", `/${event}`, { queue: { state: "open" } });
    await page.locator("#big").filter({ hasText: /0:(1|20)/ }).waitFor();
    await page.getByRole("button", { name: "Come in" }).click();
    await page.waitForURL(/\/seats$/);
  });
}

async function closed(world) {
  const event = await newEvent(world, { target_active: 1 });
  await fullHouse(world, event, 1, 1);
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "You are in the line");
    await organise(world, "PATCH", `/${event}`, { queue: { state: "closed" } });
    await titled(page, "The waiting room has closed");
    await world.pictures.take(page, "phone-waiting-closed");
    await noViolation(page, "a closed waiting room");
    await page.getByRole("button", { name: "Back to the event" }).click();
    await page.getByText("The waiting room has closed.").waitFor();
  });
}

async function left(world) {
  const name = "Half < whole </script><script>alert(1)</script>";
  const event = await newEvent(world, { target_active: 1 }, { name });
  await fullHouse(world, event, 1, 2);
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "You are in the line");
    await page.getByRole("link", { name }).waitFor();
    await page.getByText("Leave the line").click();
    await page.getByRole("button", { name: "Give up my place" }).click();
    await titled(page, "You left the line");
    await world.pictures.take(page, "phone-waiting-left");
    await page.reload();
    await titled(page, "You left the line");
    await page.getByRole("button", { name: "Stand at the end of the line" }).click();
    await titled(page, "You are in the line");
    check((await own(page)) === "5", "it is a new place");
  });
}

async function priority(world) {
  const event = await newEvent(
    world,
    { target_active: 1 },
    {
      allocations: [
        {
          id: "fans",
          name: "Fan club",
          kind: "presale",
          code: "LINEFANS",
          areas: [{ id: "floor", quantity: 5 }],
        },
      ],
    },
  );
  const { inside } = await fullHouse(world, event, 1, 3);
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(room(event));
    await titled(page, "You are in the line");
    await page.getByText("I have a priority code").click();
    const code = page.getByRole("textbox", { name: "Code" });
    await code.fill("WRONG1");
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("We know no such code.").waitFor();
    await noViolation(page, "a wrong code");
    await world.pictures.take(page, "phone-waiting-code", true);
    await code.fill("LINEFANS");
    await code.press("Enter");
    await page.getByText("Your priority number").waitFor();
    check((await ahead(page)) === 0, "nobody is ahead in that lane");
    await inside[0].leave();
    await titled(page, "It is your turn");
  });
}

/** While `act` runs others join, so many that whoever comes is asked to compute. */
export async function inARush(world, event, act) {
  let on = true;
  const enter = async () => {
    const session = await fetch(new URL("/api/v1/sessions", world.base), { method: "POST" });
    await fetch(new URL(`/api/v1/events/${event}/queue`, world.base), {
      method: "POST",
      headers: { Authorization: `Bearer ${(await session.json()).token}` },
    });
  };
  const rush = (async () => {
    while (on) {
      await Promise.all(Array.from({ length: RUSH }, enter));
      await new Promise((done) => setTimeout(done, RUSH_EVERY_MS));
    }
  })();
  await new Promise((done) => setTimeout(done, 2 * RUSH_EVERY_MS));
  try {
    await act();
  } finally {
    on = false;
    await rush;
  }
}

async function work(world) {
  const event = await newEvent(world, { target_active: 1 });
  await fullHouse(world, event, 1, 0);
  await withBuyer(world, PHONE, { provokes: /status of 428/ }, async ({ page }) => {
    let asked = false;
    page.on("response", (response) => (asked ||= response.status() === 428));
    await inARush(world, event, async () => {
      await page.goto(room(event));
      await titled(page, "You are in the line");
    });
    check(asked, "the visitor was asked to compute");
  });
}

async function withoutWork(world) {
  const event = await newEvent(world, { target_active: 1 });
  await fullHouse(world, event, 1, 0);
  await withBuyer(world, PHONE, { provokes: /status of 428/ }, async ({ page }) => {
    // A device that never comes to an end with it.
    await page.addInitScript(() => {
      globalThis.Worker = class {
        postMessage() {}
        terminate() {}
      };
    });
    await inARush(world, event, async () => {
      await page.goto(room(event));
      await titled(page, "One moment");
      await world.pictures.take(page, "phone-waiting-work");
      await noViolation(page, "work");
      await page.getByRole("button", { name: "Wait a little instead" }).click();
      await page.getByText("In the line in").waitFor();
    });
    // Looking away and back starts nothing anew.
    let joins = 0;
    page.on("request", (request) => (joins += request.method() === "POST"));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.waitForTimeout(1500);
    check(joins === 0, "it does not join again while it waits");
    await world.pictures.take(page, "phone-waiting-patience");
    await page
      .getByRole("heading", { level: 1, name: "You are in the line" })
      .waitFor({ timeout: 200_000 });
  });
}

async function notAdmitted(world) {
  const event = await newEvent(world, { enabled: false });
  await withBuyer(world, DESKTOP, { provokes: /status of 403/ }, async ({ page }) => {
    // It begins without a waiting room, and one is switched on while somebody chooses.
    await page.goto(`/events/${event}/seats`);
    await page.getByRole("button", { name: /one more/i }).first().click();
    await organise(world, "PATCH", `/${event}`, { queue: { state: "on" } });
    await page.locator(".tray-next .primary").click();
    await page.waitForURL(/\/queue$/);
    await page.getByRole("button", { name: "Come in" }).click();
    await page.waitForURL(/\/seats$/);
    await page.getByText("Time to choose:").waitFor();
    // An admission that is over: said, with the way back.
    await page.evaluate((id) => {
      const key = `onsale.admission.${id}`;
      const kept = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.setItem(key, JSON.stringify({ ...kept, ends: Date.now() + 3000 }));
    }, event);
    await page.reload();
    await page.getByText("Your time to choose is over.").waitFor();
    await world.pictures.take(page, "desktop-waiting-time-over");
    await noViolation(page, "a time that is over");
    await page.getByRole("link", { name: "Join the line again" }).click();
    await titled(page, "You are in");
    await world.pictures.take(page, "desktop-waiting-in");
    // A link to the seats, opened by whoever was not let in.
    await page.context().clearCookies();
    await page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await page.goto(`/events/${event}/seats`);
    await page.waitForURL(/\/queue$/);
  });
}

export const waitingCases = [
  ["from the lobby to tickets on a phone", fromLobbyToTickets(PHONE, "phone")],
  ["from the lobby to tickets on a desktop", fromLobbyToTickets(DESKTOP, "desktop")],
  ["the line survives reload, no network, a pause and a hidden tab", line],
  ["the longest names fit into it", longNames],
  ["a missed turn: late, or at the end of the line", missed],
  ["a missed turn in a full house", missedAndFull],
  ["a pause stops the time of whoever is called", pausedCall],
  ["a waiting room closes on those who wait", closed],
  ["leaving the line and coming back", left],
  ["a priority code leads to its own line", priority],
  ["work is done unseen when very many join", work],
  ["whoever does not compute waits a little longer", withoutWork],
  ["the seats are shut to whoever was not let in", notAdmitted],
].map(([name, act]) => [`waiting room: ${name}`, withToken(act)]);
