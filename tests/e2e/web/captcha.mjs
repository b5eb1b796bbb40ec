// A box office that uses a captcha service, on a server of its own: the widget in the waiting page and at
// the checkout. The service's script is played here; that it may load at all is the pages' policy's doing.
import { Server, adminToken } from "../lib/server.mjs";
import { Verifier } from "../lib/verifier.mjs";
import { check, DESKTOP, hold, noViolation, pay, PHONE, tickets, withBuyer } from "./lib.mjs";
import { fullHouse, inARush, newEvent, room, titled } from "./waiting.mjs";

const SCRIPT = "https://challenges.cloudflare.com/**";
const DECLINES = 3;

/** What the service's script does, as far as pages can tell; a click is a person, or not. */
function playService(token) {
  return `
    globalThis.turnstile = {
      render(box, options) {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: "I am a person" });
        button.onclick = () => options.callback("${token}-" + Math.random());
        box.append(button);
        globalThis.siteKey = options.sitekey;
        return "widget";
      },
      remove() { document.querySelector(".captcha button:not(.button)")?.remove(); },
    };
    globalThis[new URL(document.currentScript.src).searchParams.get("onload")]();`;
}

const provides = (page, token) =>
  page.route(SCRIPT, (route) =>
    token ? route.fulfill({ contentType: "text/javascript", body: playService(token) }) : route.abort(),
  );

/** The world, but its box office has a captcha. */
async function withCaptcha(world, act) {
  const verifier = await Verifier.create();
  const server = await Server.create({
    name: "captcha",
    env: { ...verifier.env, ONSALE_CHALLENGE_JOINS_PER_SECOND: "20" },
  });
  try {
    await server.start();
    await act({ ...world, base: `http://127.0.0.1:${server.port}`, adminToken });
  } finally {
    await server.stop();
    verifier.close();
    server.remove();
  }
}

const QUIET = { provokes: /status of 428|ERR_FAILED/ };
const person = (page) => page.getByRole("button", { name: "I am a person" });
const waitInstead = (page) => page.getByRole("button", { name: "Wait a little instead" });

async function inLine(world) {
  await withCaptcha(world, async (house) => {
    const event = await newEvent(house, { target_active: 1 });
    await fullHouse(house, event, 1, 0);
    await withBuyer(house, PHONE, QUIET, async ({ page }) => {
      await provides(page, "yes");
      await inARush(house, event, async () => {
        await page.goto(room(event));
        await titled(page, "One moment");
        await person(page).waitFor();
        check((await page.evaluate(() => globalThis.siteKey)) === "a-site-key", "the site key is shown");
        await noViolation(page, "a captcha in line");
        await world.pictures.take(page, "phone-captcha");
        // With the keyboard alone: the widget stands before its alternative.
        await person(page).focus();
        await page.keyboard.press("Tab");
        check(await waitInstead(page).evaluate((each) => each === document.activeElement), "the wait comes next");
        await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("Enter");
        await titled(page, "You are in the line");
        check((await person(page).count()) === 0, "the widget is gone");
      });
    });
  });
}

async function withoutWidget(world) {
  await withCaptcha(world, async (house) => {
    const event = await newEvent(house, { target_active: 1 });
    await fullHouse(house, event, 1, 0);
    await inARush(house, event, async () => {
      await withBuyer(house, PHONE, QUIET, async ({ page }) => {
        await provides(page, null);
        await page.goto(room(event));
        await page.getByText("In the line in").waitFor();
      });
      await withBuyer(house, PHONE, QUIET, async ({ page }) => {
        await provides(page, "yes");
        await page.goto(room(event));
        await person(page).waitFor();
        await waitInstead(page).click();
        await page.getByText("In the line in").waitFor();
        check((await person(page).count()) === 0, "the widget is gone");
      });
      await withBuyer(house, PHONE, QUIET, async ({ page }) => {
        // The service says no again and again: not for ever.
        await provides(page, "no");
        await page.goto(room(event));
        for (const words of [/^Very many/, /^That did not work/, /^That did not work/]) {
          await page.getByText(words).waitFor();
          await person(page).click();
        }
        await page.getByText("In the line in").waitFor();
      });
    });
  });
}

async function holdOne(page, event) {
  await page.goto(`/events/${event}/seats`);
  await page.getByRole("button", { name: /one more/i }).first().click();
  await hold(page);
}

/** Somebody whose cards were declined, and who is asked before the next order. */
async function askedAtCheckout(world, act) {
  await withCaptcha(world, async (house) => {
    const event = await newEvent(house, { enabled: false });
    await withBuyer(house, DESKTOP, QUIET, async ({ page }) => {
      await provides(page, "yes");
      await holdOne(page, event);
      for (let i = 0; i < DECLINES; i++) {
        await pay(page, "pm_card_chargeDeclined");
        await page.getByText("The card was declined.").waitFor();
        await page.waitForTimeout(300);
      }
      await page.getByRole("button", { name: "Give the seats back" }).click();
      await page.getByRole("button", { name: "Give back", exact: true }).click();
      await page.waitForURL(/\/seats$/);
      await holdOne(page, event);
      await pay(page, "pm_card_visa");
      await page.getByRole("heading", { name: "Are you a person?" }).waitFor();
      await person(page).waitFor();
      await act(page);
      await tickets(page, 1);
    });
  });
}

async function atCheckout(world) {
  await askedAtCheckout(world, async (page) => {
    await noViolation(page, "a captcha at the checkout");
    await world.pictures.take(page, "desktop-captcha", true);
    check(await page.locator("section.captcha").evaluate((each) => each === document.activeElement), "it has the focus");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
  });
}

async function waitAtCheckout(world) {
  await askedAtCheckout(world, async (page) => {
    await waitInstead(page).click();
    await page.getByText("Your order goes out by itself in 20 seconds.").waitFor();
    await page.waitForURL(/\/orders\//, { timeout: 60_000 });
  });
}

export const captchaCases = [
  ["a visitor shows a captcha and joins, with the keyboard alone", inLine],
  ["whoever cannot show a captcha waits instead", withoutWidget],
  ["an order after declined cards asks for a captcha", atCheckout],
  ["an order waits instead", waitAtCheckout],
];
