// Buyers who go while places are held for them: by a link of the shop, by closing the tab, for a reload
// only. On a server of its own, on which the grace is short.
import { Server, adminToken } from "../lib/server.mjs";
import { check, DESKTOP, hold, noViolation, pay, PHONE, withBuyer } from "./lib.mjs";
import { newEvent } from "./waiting.mjs";

const GRACE_S = 3;
/** Longer than the grace, and than the beacon takes. */
const OVER_MS = GRACE_S * 1000 + 2000;

async function withHouse(world, act) {
  const server = await Server.create({ name: "leaving", env: { ONSALE_LEAVE_SECONDS: String(GRACE_S) } });
  try {
    await server.start();
    const house = { ...world, base: `http://127.0.0.1:${server.port}`, adminToken };
    const event = await newEvent(house, { enabled: false });
    await act(house, event);
  } finally {
    await server.stop();
    server.remove();
  }
}

async function free(house, event) {
  const answer = await fetch(new URL(`/api/v1/events/${event}/availability`, house.base));
  return (await answer.json()).areas[0].available;
}

async function freeAgain(house, event, wanted) {
  for (let look = 0; look < 60; look++) {
    if ((await free(house, event)) === wanted) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${wanted} places are free again, not ${await free(house, event)}`);
}

/** How often somebody left, and came back. */
async function told(house, name) {
  const text = await (await fetch(new URL("/metrics", house.base))).text();
  return Number(new RegExp(`^onsale_${name}_total (\\d+)$`, "m").exec(text)[1]);
}

/** To the checkout with one place. */
async function atCheckout(page, event) {
  await page.goto(`/events/${event}/seats`);
  await page.getByRole("button", { name: /^One more/ }).first().click();
  await hold(page);
}

const withBuyerAt = (world, size, options, act) =>
  withHouse(world, (house, event) =>
    withBuyer(house, size, options, async (buyer) => {
      await atCheckout(buyer.page, event);
      await act({ ...buyer, house, event, all: 40 });
    }),
  );

const closedTab = (world) =>
  withBuyerAt(world, PHONE, {}, async ({ context, page, house, event, all }) => {
    const other = await context.newPage();
    check((await free(house, event)) === all - 1, "one place is held");
    await page.close({ runBeforeUnload: true });
    await freeAgain(house, event, all);
    await other.close();
  });

const reloaded = (world) =>
  withBuyerAt(world, PHONE, {}, async ({ page, house, event, all }) => {
    await page.reload();
    await page.locator(".checkout-summary").waitFor();
    await page.waitForTimeout(OVER_MS);
    check((await free(house, event)) === all - 1, "a reload keeps the place");
    check((await told(house, "holds_left")) === 1, "the reload was a leaving");
    check((await told(house, "holds_returned_to")) === 1, "and a coming back");
    // Away and back again, as from a page that was opened by mistake.
    await page.goto("about:blank");
    await page.goBack();
    await page.locator(".checkout-summary").waitFor();
    await page.waitForTimeout(OVER_MS);
    check((await free(house, event)) === all - 1, "going back keeps it, too");
    await page.goto("about:blank");
    await freeAgain(house, event, all);
    await page.goBack();
    await page.getByRole("heading", { name: /over|back on sale/ }).waitFor();
  });

const twoTabs = (world) =>
  withBuyerAt(world, DESKTOP, {}, async ({ context, page, house, event, all }) => {
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator(".checkout-summary").waitFor();
    await page.goto("about:blank");
    await other.waitForTimeout(OVER_MS);
    check((await free(house, event)) === all - 1, "the other tab keeps the place");
    await pay(other, "pm_card_visa");
    await other.locator(".ticket").first().waitFor();
    await other.close();
  });

const ordered = (world) =>
  withBuyerAt(world, PHONE, {}, async ({ page, house, event, all }) => {
    const checkout = page.url();
    await pay(page, "pm_card_chargeDeclined");
    await page.getByText("The card was declined.").waitFor();
    await page.goto("about:blank");
    await page.waitForTimeout(OVER_MS);
    check((await free(house, event)) === all - 1, "an order keeps its place");
    await page.goto(checkout);
    await pay(page, "pm_card_visa");
    await page.locator(".ticket").first().waitFor();
  });

const byLink = (world) =>
  withBuyerAt(world, PHONE, {}, async ({ page, house, event, all }) => {
    const away = page.getByRole("link", { name: "All events" }).first();
    const dialog = page.getByRole("dialog", { name: "Leave without paying?" });
    await away.click();
    await dialog.waitFor();
    await noViolation(page, "leaving the checkout");
    await world.pictures.take(page, "phone-leave");
    await dialog.getByRole("button", { name: "Stay here" }).click();
    await dialog.waitFor({ state: "hidden" });
    check(/\/checkout\//.test(page.url()), "who stays is where they were");

    await away.click();
    await dialog.getByRole("button", { name: "Keep them and go" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    await page.waitForTimeout(OVER_MS);
    check((await free(house, event)) === all - 1, "who takes the places along has them");
    await page.goto(`/events/${event}/seats`);
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.getByRole("button", { name: "Continue to payment" }).click();
    await page.locator(".checkout-summary").waitFor();

    await away.click();
    await dialog.getByRole("button", { name: "Give back and go" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    await freeAgain(house, event, all);
  });

export const leavingCases = [
  ["a closed tab lets its places go after a grace", closedTab],
  ["a reload ends the grace", reloaded],
  ["another tab with the same places keeps them", twoTabs],
  ["an order under way is not touched by a closed tab", ordered],
  ["a link of the shop asks before it leaves the checkout", byLink],
];
