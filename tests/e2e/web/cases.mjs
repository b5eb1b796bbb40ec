// Each case is what a person does, from a fresh browser on. A case fails by throwing.
import {
  address,
  check,
  DESKTOP,
  findEvents,
  hold,
  noViolation,
  openBuyer,
  openRow,
  pay,
  PHONE,
  pickFromRow,
  TABLET,
  tickets,
  withBuyer,
} from "./lib.mjs";
import { axeCases } from "./axe.mjs";
import { captchaCases } from "./captcha.mjs";
import { circumstanceCases } from "./circumstances.mjs";
import { mapCases } from "./map.mjs";
import { languageCases } from "./languages.mjs";
import { leavingCases } from "./leaving.mjs";
import { offlineCases } from "./offline.mjs";
import { moneyCases } from "./money.mjs";
import { organiserCases } from "./organiser.mjs";
import { ruleCases } from "./rules.mjs";
import { stripeCases } from "./stripe.mjs";
import { ticketCases } from "./tickets.mjs";
import { waitingCases } from "./waiting.mjs";

/** Touches the map until a seat is picked: first closer to a stand, then the seat in the middle. */
async function pickOnMap(page, phone) {
  const canvas = page.locator(".map canvas");
  const touch = (x, y) => (phone ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
  const picks = page.locator(".tray-seat");
  for (const [fx, fy] of [
    [0.5, 0.72],
    [0.5, 0.3],
    [0.25, 0.5],
    [0.75, 0.5],
  ]) {
    const box = await canvas.boundingBox();
    await touch(box.x + box.width * fx, box.y + box.height * fy);
    await page.waitForTimeout(600);
    const near = await canvas.boundingBox();
    for (const [dx, dy] of [
      [0, 0],
      [26, 0],
      [-26, 0],
      [0, 26],
      [0, -26],
    ]) {
      await touch(near.x + near.width / 2 + dx, near.y + near.height / 2 + dy);
      await page.waitForTimeout(450);
      if ((await picks.count()) > 0) return;
    }
    // A touch on empty ground has not moved the map.
    const whole = page.getByRole("button", { name: "Whole hall" });
    if (await whole.isEnabled()) await whole.click();
    await page.waitForTimeout(400);
  }
  throw new Error("no seat could be picked on the map");
}

async function fromHomeToSeats(page, event) {
  await page.goto("/");
  await page.locator(`a[href="/events/${event.id}"]`).click();
  await page.getByRole("heading", { level: 1, name: event.name }).waitFor();
  await page.locator(".event-next a.button").click();
  await page.waitForURL(/\/seats$/);
}

function purchaseOnMap(size, name) {
  return async (world) => {
    await withBuyer(world, size, {}, async ({ page, phone }) => {
      await fromHomeToSeats(page, world.events.largest);
      await page.waitForTimeout(900);
      await world.pictures.take(page, `${name}-map`);
      await pickOnMap(page, phone);
      await world.pictures.take(page, `${name}-picked`);
      await hold(page);
      await world.pictures.take(page, `${name}-checkout`, true);
      const email = address(name);
      await pay(page, "pm_card_visa", email);
      await tickets(page, 1);
      await page.waitForTimeout(300);
      await world.pictures.take(page, `${name}-tickets`, true);
      await page
        .getByRole("link", { name: /mailbox/i })
        .first()
        .click();
      await page.getByText(`To ${email}`).first().waitFor();
      await page.locator(".mailbox li a").first().click();
      await page.locator(".mailbox-text").waitFor();
      await world.pictures.take(page, `${name}-mail`);
    });
  };
}

async function bestSeats(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    // The form is there before the hall is, and what was chosen in it stays.
    await page.route("**/plan*", async (route) => {
      await page.waitForTimeout(600);
      await route.continue();
    });
    await page.goto(`/events/${world.events.smallest.id}/seats`);
    await page.getByRole("button", { name: "One more", exact: true }).click();
    await page.getByRole("button", { name: "Find best seats" }).click();
    await page.locator('.tray[data-held="yes"]').waitFor();
    check((await page.locator(".tray-seat").count()) === 3, "three seats are held");
    await page.waitForTimeout(400);
    await world.pictures.take(page, "desktop-best");
    await page.getByRole("button", { name: "Continue to payment" }).click();
    await page.locator(".checkout-summary").waitFor();
    await pay(page, "pm_card_mastercard");
    await tickets(page, 3);
  });
}

const declineThenSuccess = (size, name) => async (world) => {
  await withBuyer(world, size, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 3);
    await pickFromRow(page, 2);
    await hold(page);
    await pay(page, "pm_card_chargeDeclined");
    await page.getByText("The card was declined. Your seats are still yours.").waitFor();
    check((await page.locator(".checkout-summary li").count()) >= 2, "the seats are still there");
    await world.pictures.take(page, `${name}-declined`, true);
    await pay(page, "pm_card_chargeDeclinedInsufficientFunds");
    await page.getByText("too little money").first().waitFor();
    await pay(page, "pm_card_visa");
    await tickets(page, 2);
  });
};

/** Three cards that were declined: the next order is met with a challenge, which the page solves. */
async function oftenDeclined(world) {
  await withBuyer(world, PHONE, { provokes: /status of 428/ }, async ({ page }) => {
    const orders = [];
    page.on("response", (response) => {
      const posted = response.request().method() === "POST";
      if (posted && response.url().endsWith("/orders")) orders.push(response.status());
    });
    await page.goto(`/events/${world.events.standing.id}/seats`);
    await page.getByRole("button", { name: /one more/i }).first().click();
    await hold(page);
    const submit = page.locator('.checkout-form button[type="submit"]');
    for (let card = 0; card < 3; card++) {
      const confirmed = page.waitForResponse((response) => response.url().endsWith("/confirm"));
      await pay(page, "pm_card_chargeDeclined");
      await confirmed;
      await page.getByText("The card was declined.").waitFor();
      await submit.and(page.locator(":enabled")).waitFor();
    }
    check(orders.join() === "201", `one order, three cards: ${orders}`);
    // Without the order, too: a new one is what is met with the challenge.
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.getByRole("button", { name: "Give back", exact: true }).click();
    await page.getByRole("button", { name: /one more/i }).first().click();
    await hold(page);
    await pay(page, "pm_card_visa");
    await tickets(page, 1);
    check(orders.join() === "201,428,201", `the challenge was asked and solved: ${orders}`);
  });
}

async function bankAsks(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 5);
    await pickFromRow(page, 1);
    await hold(page);
    await pay(page, "pm_card_authenticationRequired");
    await page.getByRole("heading", { name: "Your bank wants to know it is you" }).waitFor();
    await page.getByRole("button", { name: "Refuse" }).click();
    await page.getByText("Your bank did not confirm the payment").waitFor();
    await pay(page, "pm_card_authenticationRequired");
    await page.getByRole("button", { name: "Confirm, it is me" }).click();
    await tickets(page, 1);
  });
}

const standing = (size, name) => async (world) => {
  await withBuyer(world, size, {}, async ({ page }) => {
    await fromHomeToSeats(page, world.events.standing);
    const more = page.getByRole("button", { name: /^One more/ });
    await more.first().click();
    await more.first().click();
    check(
      (await page.locator(".tray-next .primary").innerText()) === "Hold 2 tickets",
      "two places are in the tray",
    );
    await world.pictures.take(page, `${name}-standing`);
    await hold(page);
    await pay(page, "pm_card_visa");
    await tickets(page, 2);
  });
};

/** Two buyers pick the same seat; the slower one is told which it was and gets what is nearest. */
async function conflict(world) {
  const first = await openBuyer(world.browser, world.base, DESKTOP);
  try {
    await withBuyer(world, DESKTOP, {}, async ({ page }) => {
      const path = `/events/${world.events.smallest.id}/seats`;
      for (const each of [first.page, page]) {
        await each.goto(path);
        await openRow(each, 1);
      }
      const seat = page.locator(".list .seat:not([disabled])").first();
      const name = await seat.innerText();
      await seat.click();
      // The slower buyer's stream is cut: only the refusal can tell.
      await page.route("**/stream", (route) => route.abort());
      await first.page.locator(".list .seat", { hasText: new RegExp(`^${name}$`) }).click();
      await hold(first.page);
      if (await page.locator(".tray-next .primary").isVisible())
        await page
          .locator(".tray-next .primary")
          .click()
          .catch(() => undefined);
      await page.getByText(/was just taken/).waitFor();
      await page.waitForTimeout(400);
      await world.pictures.take(page, "desktop-conflict");
      await page.locator(".note-offers button").first().click();
      await hold(page);
    });
  } finally {
    await first.context.close();
  }
}

async function liveChange(world) {
  const first = await openBuyer(world.browser, world.base, DESKTOP);
  try {
    await withBuyer(world, DESKTOP, {}, async ({ page }) => {
      for (const each of [first.page, page]) {
        await each.goto(`/events/${world.events.largest.id}/seats`);
        await openRow(each, 8);
      }
      const free = first.page.locator(".list .seat:not([disabled])").last();
      const name = await free.innerText();
      const seen = page.locator(".list .seat", { hasText: new RegExp(`^${name}$`) });
      check(await seen.isEnabled(), "the seat is free for both");
      await free.click();
      await hold(first.page);
      await page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll(".list .seat")].find(
            (button) => button.textContent === wanted,
          )?.disabled,
        name,
        { timeout: 6000 },
      );
    });
  } finally {
    await first.context.close();
  }
}

async function reloadAnywhere(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 10);
    await pickFromRow(page, 2);
    await page.reload();
    await page.locator(".tray-seat").nth(1).waitFor();
    await hold(page);
    await page.reload();
    await page.locator(".checkout-summary").waitFor();
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.goForward();
    await page.locator(".checkout-summary").waitFor();
    await pay(page, "pm_card_chargeDeclined");
    await page.getByText("The card was declined.").waitFor();
    await page.reload();
    await page.locator('.checkout-form button[type="submit"]').waitFor();
    await pay(page, "pm_card_visa");
    await tickets(page, 2);
    await page.reload();
    await tickets(page, 2);
  });
}

async function doubleSubmit(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    let orders = 0;
    let confirmations = 0;
    page.on("request", (request) => {
      if (request.method() !== "POST") return;
      if (request.url().endsWith("/orders")) orders++;
      if (request.url().endsWith("/confirm")) confirmations++;
    });
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 12);
    await pickFromRow(page, 1);
    await hold(page);
    await page.locator('input[name="email"]').fill(address("twice"));
    await page.locator('.checkout-form button[type="submit"]').dblclick();
    await tickets(page, 1);
    check(orders === 1 && confirmations === 1, "one order and one payment were sent");
  });
}

async function giveBack(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 14);
    await pickFromRow(page, 2);
    await hold(page);
    await page.getByRole("button", { name: "Give the seats back" }).click();
    await page.getByRole("button", { name: "Give back", exact: true }).click();
    await page.waitForURL(/\/seats$/);
    await page.locator(".tray-hint").waitFor();
  });
}

/** An order stands behind the hold once a card was declined: giving back ends both. */
async function giveBackDeclined(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    await openRow(page, 20);
    await pickFromRow(page, 2);
    await hold(page);
    const checkout = page.url();
    await pay(page, "pm_card_chargeDeclined");
    await page.getByText("The card was declined.").waitFor();
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.getByRole("button", { name: "Give back", exact: true }).click();
    await page.getByText("Your seats are back on sale.").waitFor();
    await page.locator(".tray-hint").waitFor();
    await page.goto(checkout);
    await page.getByText("This order was cancelled.").waitFor();
  });
}

/** The largest hall is a stadium: its middle is the pitch, where nobody sits. */
async function emptyGround(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/seats`);
    const canvas = page.locator(".map canvas");
    await canvas.waitFor();
    await page.waitForTimeout(900);
    const whole = page.getByRole("button", { name: "Whole hall" });
    const touch = async (fx, fy) => {
      const box = await canvas.boundingBox();
      await page.touchscreen.tap(box.x + box.width * fx, box.y + box.height * fy);
      await page.waitForTimeout(500);
    };
    await touch(0.5, 0.5);
    check(await whole.isDisabled(), "a touch on the pitch moves nothing");
    await touch(0.16, 0.37);
    check(await whole.isEnabled(), "a touch on a stand comes closer");
  });
}

async function unknownHold(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await page.goto(`/events/${world.events.largest.id}/checkout/nope`);
    await page.getByRole("heading", { name: "This browser holds no such seats." }).waitFor();
  });
}

async function beforeTheSale(world) {
  // On a demo that has run for a while every sale may be open.
  if (!world.events.upcoming?.plan_url) return;
  for (const size of [PHONE, DESKTOP])
    await withBuyer(world, size, {}, async ({ page }) => {
      await page.goto(`/events/${world.events.upcoming.id}/seats`);
      await page.locator(".tray .opening-clock").waitFor();
      await page.getByText(/^Sale opens /).waitFor();
      const find = page.getByRole("button", { name: "Find best seats" });
      check(await find.isDisabled(), "nothing can be held before the sale");
      await page.waitForTimeout(500);
      await noViolation(page, "seats before the sale");
      await world.pictures.take(page, `before-${size === PHONE ? "phone" : "desktop"}`);
    });
}

/** Presses Tab until the wanted element has the focus; never touches a pointer. */
async function tabTo(page, selector, most = 60) {
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

async function keyboardOnly(world) {
  await withBuyer(world, DESKTOP, { still: true }, async ({ page }) => {
    const event = world.events.largest;
    await page.goto("/");
    await page.locator(".event-row").first().waitFor();
    await tabTo(page, `a[href="/events/${event.id}"]`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: event.name }).waitFor();
    await tabTo(page, ".event-next a.button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/seats$/);
    await page.locator(".list select option:not([disabled])").nth(2).waitFor({ state: "attached" });
    await tabTo(page, ".list label:first-child select", 6);
    await page.keyboard.press("ArrowDown");
    await tabTo(page, ".list label:nth-child(2) select", 2);
    await page.keyboard.press("ArrowDown");
    await page.locator(".list .seat").first().waitFor();
    await tabTo(page, ".list .seat", 3);
    await page.keyboard.press("Enter");
    await page.locator(".tray-seat").first().waitFor();
    // And one on the map, by arrows.
    await tabTo(page, ".map canvas");
    await page.keyboard.press("ArrowRight");
    for (let i = 0; i < 12 && (await page.locator(".tray-seat").count()) < 2; i++) {
      await page.keyboard.press("ArrowRight");
      await page.waitForTimeout(80);
      await page.keyboard.press("Enter");
      await page.waitForTimeout(80);
    }
    check((await page.locator(".tray-seat").count()) === 2, "the map's seat is in the tray");
    await world.pictures.take(page, "desktop-keyboard");
    await tabTo(page, ".tray-next .primary");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/checkout\//);
    await page.locator(".checkout-summary").waitFor();
    await tabTo(page, 'input[name="email"]');
    await page.keyboard.type(address("keys"));
    await page.keyboard.press("Enter");
    await tickets(page, 2);
  });
}

export const cases = [
  // First, because the demo's next sale opens minutes after its start.
  ["seats can be looked at before the sale opens", beforeTheSale],
  ["a phone buys a seat picked on the map", purchaseOnMap(PHONE, "phone")],
  ["a tablet buys a seat picked on the map", purchaseOnMap(TABLET, "tablet")],
  ["a desktop buys a seat picked on the map", purchaseOnMap(DESKTOP, "desktop")],
  ["the box office picks the best seats together", bestSeats],
  ["a declined card keeps the seats and the next one pays", declineThenSuccess(PHONE, "phone")],
  ["so it does on a tablet", declineThenSuccess(TABLET, "tablet")],
  ["whose card was declined three times is met with a challenge, unseen", oftenDeclined],
  ["a bank that asks is answered, refused and confirmed", bankAsks],
  ["places without number are bought by quantity on a phone", standing(PHONE, "phone")],
  ["places without number are bought by quantity on a tablet", standing(TABLET, "tablet")],
  ["places without number are bought by quantity on a desktop", standing(DESKTOP, "desktop")],
  ["a lost seat is named and the nearest are offered", conflict],
  ["a seat that somebody takes changes without reload", liveChange],
  ["a reload at each step loses nothing", reloadAnywhere],
  ["a double click pays once", doubleSubmit],
  ...ruleCases,
  ...organiserCases,
  ...moneyCases,
  ...ticketCases,
  ...leavingCases,
  ...stripeCases,
  ...waitingCases,
  ...offlineCases,
  ...languageCases,
  ...captchaCases,
  ["seats are given back from the checkout", giveBack],
  ["an order with a declined card is given back from the seats", giveBackDeclined],
  ["a touch on empty ground does not move the map", emptyGround],
  ["an unknown hold is called unknown", unknownHold],
  ["the keyboard alone is enough", keyboardOnly],
  ...circumstanceCases,
  ...mapCases,
  ...axeCases,
];

export { findEvents };
