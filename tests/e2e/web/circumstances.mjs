// What may be unlike the usual: time that runs out, a slow network, a second tab, a reader who hears the
// page, a script that runs from right to left.
import {
  address,
  check,
  DESKTOP,
  hold,
  noSideways,
  noViolation,
  openRow,
  pay,
  PHONE,
  pickFromRow,
  TABLET,
  tickets,
  withBuyer,
} from "./lib.mjs";
import { organise, withToken } from "./organiser.mjs";

const HOLD_SECONDS = 8;

/** Time runs out, before the checkout and in it: what was lost is said, and the way back is there. */
async function expiry(world) {
  const { id } = await organise(world, "POST", "", {
    name: "A short evening",
    starts_at: "2031-05-10T19:30:00",
    timezone: "Europe/Vienna",
    venue: { name: "Small Hall", city: "Vienna", country: "AT" },
    currency: "EUR",
    price_categories: [{ name: "Floor", price: 2500, fee: 250 }],
    areas: [{ id: "floor", name: "Floor", capacity: 40, price_category: "Floor" }],
    hold_seconds: HOLD_SECONDS,
  });
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    const more = page.getByRole("button", { name: /^One more/ });
    await page.goto(`/events/${id}/seats`);
    await more.first().click();
    await hold(page);
    await page.locator(".time-words").waitFor();
    await world.pictures.take(page, "phone-time-near");
    await page.getByRole("heading", { level: 1, name: "Your seats went back on sale." }).waitFor();
    await page.waitForTimeout(300);
    await world.pictures.take(page, "phone-time-over");
    await noViolation(page, "a hold that is over");
    await page.locator("main a.primary").first().click();
    await page.waitForURL(new RegExp(`/events/${id}(/seats)?$`));

    // The same where the places were chosen: they can be chosen again at once.
    await page.goto(`/events/${id}/seats`);
    await more.first().click();
    await hold(page);
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.locator('.tray[data-held="no"]').waitFor();
    await page.getByText("Time is up. Your seats went back on sale.").waitFor();
    await more.first().click();
    await hold(page);
    await pay(page, "pm_card_visa");
    await tickets(page, 1);
  });
}

const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 51_200, uploadThroughput: 51_200 };

/** The whole way on slow 3G, with a cold cache and a slow processor. Times are printed. */
async function slowNetwork(world) {
  await withBuyer(world, PHONE, {}, async ({ page, context }) => {
    page.setDefaultTimeout(60_000);
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", SLOW_3G);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const times = [];
    let begun = Date.now();
    const lap = (what) => {
      times.push(`${what} ${((Date.now() - begun) / 1000).toFixed(1)} s`);
      begun = Date.now();
    };
    await page.goto(`/events/${world.events.smallest.id}`, { waitUntil: "commit" });
    await page.locator(".event-next a.button").waitFor();
    lap("the event is there after");
    await page.locator(".event-next a.button").click();
    await page.getByRole("button", { name: "Find best seats" }).waitFor();
    lap("the seats after");
    await page.getByRole("button", { name: "Find best seats" }).click();
    await page.locator('.tray[data-held="yes"]').waitFor();
    lap("two are held after");
    await page.getByRole("button", { name: "Continue to payment" }).click();
    await page.locator('input[name="email"]').waitFor();
    lap("the checkout after");
    await pay(page, "pm_card_visa");
    await page.waitForURL(/\/orders\//);
    await page.locator(".ticket img").first().waitFor();
    lap("the tickets after");
    console.log(`        slow 3G: ${times.join(", ")}`);
  });
}

/** The same checkout in two tabs: what one pays the other shows, and nothing is paid twice. */
async function twoTabs(world) {
  await withBuyer(world, DESKTOP, { provokes: /status of 4\d\d/ }, async ({ page, context }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 24);
    await pickFromRow(page, 2);
    await hold(page);
    const second = await context.newPage();
    await second.goto(page.url());
    await second.locator(".checkout-summary").waitFor();
    await pay(second, "pm_card_visa");
    await tickets(second, 2);
    // The first tab does not know yet.
    const email = page.locator('input[name="email"]');
    if (await email.isVisible()) {
      await email.fill(address("tab"));
      await page.locator('.checkout-form button[type="submit"]').click();
    }
    await page
      .locator(".ticket")
      .first()
      .or(page.getByText("This purchase is over."))
      .or(page.locator('main a[href*="/orders/"]'))
      .first()
      .waitFor();
    await world.pictures.take(page, "desktop-second-tab");
    const again = await page.locator('.checkout-form button[type="submit"]').count();
    check(again === 0, "the first tab offers no second payment");
  });
}

/** A whole purchase by what a screen reader is told: roles and names, nothing else. */
async function byNames(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    const { name } = world.events.smallest;
    const main = page.getByRole("main");
    await page.goto("/");
    await page.getByRole("banner").getByRole("link", { name: "Onsale: All events" }).waitFor();
    await page.getByRole("searchbox", { name: "Search events, artists, places" }).waitFor();
    await page.getByRole("group", { name: "Places" }).waitFor();
    await page.getByRole("list", { name: "Events" }).getByRole("link", { name }).click();
    await main.getByRole("heading", { level: 1, name }).waitFor();
    await main.getByRole("img", { name: /^Plan of the hall/ }).waitFor();
    await main.getByRole("link", { name: "Choose seats", exact: true }).last().click();
    const section = page.getByRole("combobox", { name: "Section" });
    await section.locator("option:not([disabled])").nth(2).waitFor({ state: "attached" });
    await section.selectOption({ index: 1 });
    const row = page.getByRole("combobox", { name: "Row" });
    await row.locator("option:not([disabled])").nth(2).waitFor({ state: "attached" });
    await row.selectOption({ index: 3 });
    const seats = page.getByRole("button", { name: /seat \d+, available, £/ });
    const picked = await seats.first().getAttribute("aria-label");
    check(/row|box/i.test(picked ?? ""), `a seat says its row: ${picked}`);
    await seats.first().click();
    await seats.first().click();
    await page.getByRole("button", { name: /seat \d+, picked by you, £/ }).first().waitFor();
    const map = page.locator(".map canvas");
    check((await map.getAttribute("aria-label")) === "Seat map", "the map has a name");
    check((await map.getAttribute("aria-describedby")) !== null, "the map says how it is used");
    await page.getByRole("button", { name: "Hold 2 tickets" }).click();
    await page.getByRole("heading", { level: 1, name: "Checkout" }).waitFor();
    await page.getByRole("textbox", { name: "E-mail" }).fill(address("ears"));
    await page.getByRole("radio", { name: /4242/ }).check();
    await page.getByRole("button", { name: /^Pay £/ }).click();
    await page.getByRole("heading", { level: 1, name: "They’re yours." }).waitFor({ timeout: 20_000 });
    check((await main.getByRole("img", { name: /code/i }).count()) === 2, "each code says what it is");
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("a, button, input, select")]
        .filter((each) => {
          const words = each.getAttribute("aria-label") ?? each.textContent ?? "";
          return words.trim() === "" && !each.labels?.length && !each.querySelector("img[alt]");
        })
        .map((each) => each.outerHTML.slice(0, 120)),
    );
    check(nameless.length === 0, `everything that can be used has a name: ${nameless}`);
  });
}

/** Everything laid out from right to left, with a name in Arabic among it. */
function fromTheRight(size, screen) {
  return async (world) => {
    const { id } = await organise(world, "POST", "", {
      name: "ليلة الموسيقى: Night 2",
      starts_at: "2031-05-11T19:30:00",
      timezone: "Europe/Vienna",
      venue: { name: "קונצרטהאוס", city: "Vienna", country: "AT" },
      performers: ["فيروز", "Ada & the 3"],
      currency: "EUR",
      price_categories: [{ name: "أمام", price: 2500, fee: 250 }],
      areas: [{ id: "front", name: "أمام (A)", capacity: 40, price_category: "أمام" }],
    });
    await withBuyer(world, size, { still: true }, async ({ page }) => {
      await page.addInitScript(() => {
        new MutationObserver(() => {
          if (document.documentElement) document.documentElement.dir = "rtl";
        }).observe(document, { childList: true });
      });
      const look = async (where) => {
        check((await page.getAttribute("html", "dir")) === "rtl", "from right to left");
        await page.waitForTimeout(350);
        await world.pictures.take(page, `rtl-${screen}-${where}`);
        await noSideways(page, `${where} from right to left`);
        await noViolation(page, `${where} from right to left`);
      };
      await page.goto("/");
      await page.locator(".event-row").first().waitFor();
      const mark = await page.locator(".wordmark").boundingBox();
      check(mark.x > size.width / 2, "the name stands on the right");
      await look("home");
      await page.goto(`/events/${id}`);
      await page.locator(".prices li").first().waitFor();
      await look("event");
      await page.goto(`/events/${world.events.largest.id}/seats`);
      await openRow(page, 26);
      await pickFromRow(page, 1);
      const sum = await page.locator(".tray-total").boundingBox();
      const next = await page.locator(".tray-next .primary").boundingBox();
      check(sum.x > next.x, "the total stands before the next step, which is on its right");
      await look("seats");
      await page.goto(`/events/${id}/seats`);
      await page.getByRole("button", { name: /^One more/ }).first().click();
      await hold(page);
      await look("checkout");
      await pay(page, "pm_card_visa");
      await tickets(page, 1);
      await look("tickets");
    });
  };
}

/** Names as long as they may be, without a place to break them. */
async function longNames(world) {
  const long = "W".repeat(190);
  const { id } = await organise(world, "POST", "", {
    name: long,
    starts_at: "2031-05-12T19:30:00",
    timezone: "Europe/Vienna",
    venue: { name: long, city: long, country: "AT" },
    performers: [long],
    currency: "EUR",
    price_categories: [{ name: long, price: 2_500_000, fee: 250_000 }],
    areas: [{ id: "floor", name: long, capacity: 40, price_category: long }],
  });
  for (const size of [PHONE, DESKTOP])
    await withBuyer(world, size, {}, async ({ page }) => {
      const look = async (where) => {
        await page.waitForTimeout(300);
        await world.pictures.take(page, `long-${size.width}-${where}`);
        await noSideways(page, `${where} with long names`);
      };
      await page.goto("/");
      await page.locator(".event-row").first().waitFor();
      await look("home");
      await page.goto(`/events/${id}`);
      await page.locator(".prices li").first().waitFor();
      await look("event");
      await page.goto(`/events/${id}/seats`);
      await page.getByRole("button", { name: /^One more/ }).first().click();
      await look("seats");
      await hold(page);
      await look("checkout");
      await pay(page, "pm_card_visa");
      await tickets(page, 1);
      await look("tickets");
    });
  // Two of forty: the list says how much is gone.
  const list = await fetch(new URL(`/api/v1/events?q=${long}`, world.base));
  const item = (await list.json()).items.find((each) => each.id === id);
  check(item?.taken_percent === 5, `5 of 100 are taken: ${item?.taken_percent}`);
}

export const circumstanceCases = [
  ["time that runs out is told, and seats are chosen again", withToken(expiry)],
  ["slow 3G is enough for a purchase", slowNetwork],
  ["two tabs pay once", twoTabs],
  ["a purchase by roles and names alone", byNames],
  ["the longest names fit on every page", withToken(longNames)],
  ["from right to left on a phone", withToken(fromTheRight(PHONE, "phone"))],
  ["from right to left on a tablet", withToken(fromTheRight(TABLET, "tablet"))],
  ["from right to left on a desktop", withToken(fromTheRight(DESKTOP, "desktop"))],
];
