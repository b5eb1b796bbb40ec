// axe-core on every page, on phone and desktop, in both themes; each page in the states that people meet.
import {
  DESKTOP,
  hold,
  noSideways,
  noViolation,
  openBuyer,
  openRow,
  pay,
  PHONE,
  pickFromRow,
  TABLET,
  tickets,
} from "./lib.mjs";

/** Pages that need nothing but their address. */
const PLAIN = ["tickets", "imprint", "terms", "privacy", "gallery"];
/** Pages that fill the screen, and what lies above a page. */
const ON_SCREEN = new Set(["seats", "list", "picked", "held", "asked"]);
/** Free rows that each run begins with, so that they do not meet. */
let runs = 0;

function axeEverywhere(size, dark, name) {
  return async (world) => {
    const buyer = await openBuyer(world.browser, world.base, size, { dark, still: true });
    const { page } = buyer;
    const look = async (where) => {
      await page.waitForTimeout(500);
      await world.pictures.take(page, `${name}-${where}`, !ON_SCREEN.has(where));
      await noSideways(page, `${where} (${name})`);
      await noViolation(page, `${where} (${name})`);
    };
    try {
      const { largest, standing: ground, upcoming } = world.events;
      await page.goto("/");
      await page.locator(".event-row").first().waitFor();
      await look("home");
      await page.goto(`/events/${largest.id}`);
      await page.locator(".prices li").first().waitFor();
      await look("event");
      if (upcoming) {
        await page.goto(`/events/${upcoming.id}`);
        await page.locator(".event-next").waitFor();
        await look("upcoming");
      }
      const waiting = world.events.all.find((event) => event.queue.active);
      if (waiting) {
        await page.goto(`/events/${waiting.id}/queue`);
        await page.locator("#own").waitFor();
        await look("waiting");
      }
      await page.goto(`/events/${ground.id}/seats`);
      await page.locator(".areas li").first().waitFor();
      await look("standing");
      await page.goto(`/events/${largest.id}/seats`);
      await page.waitForTimeout(600);
      await look("seats");
      await openRow(page, 16 + 2 * runs++);
      await look("list");
      await pickFromRow(page, 2);
      await look("picked");
      await hold(page);
      await look("checkout");
      await page.getByRole("button", { name: "Give the seats back" }).click();
      await page.getByRole("dialog").waitFor();
      await look("asked");
      await page.keyboard.press("Escape");
      await page.goBack();
      await page.locator('.tray[data-held="yes"]').waitFor();
      await look("held");
      await page.goForward();
      await page.locator(".checkout-summary").waitFor();
      await pay(page, "pm_card_chargeDeclined");
      await page.getByText("The card was declined.").waitFor();
      await look("declined");
      await pay(page, "pm_card_authenticationRequired");
      await page.getByRole("button", { name: "Confirm, it is me" }).waitFor();
      await look("bank");
      await page.getByRole("button", { name: "Confirm, it is me" }).click();
      await tickets(page, 2);
      await look("order");
      await page.goto("/mailbox");
      await page.locator(".mailbox li").first().waitFor();
      await look("mailbox");
      await page.locator(".mailbox li a").first().click();
      await page.locator(".mailbox-text").waitFor();
      await look("mail");
      for (const plain of PLAIN) {
        await page.goto(`/${plain}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await look(plain);
      }
      await page.goto("/there/is/nothing");
      await page.getByRole("heading", { level: 1 }).waitFor();
      await look("missing");
      await page.goto("/events/nothing");
      await page.getByRole("heading", { level: 1 }).waitFor();
      await look("no-event");
    } finally {
      await buyer.context.close();
    }
  };
}

export const axeCases = [
  ["axe finds nothing on a phone in the light", axeEverywhere(PHONE, false, "light-phone")],
  ["axe finds nothing on a phone in the dark", axeEverywhere(PHONE, true, "dark-phone")],
  ["axe finds nothing on a tablet", axeEverywhere(TABLET, false, "light-tablet")],
  ["axe finds nothing on a desktop in the light", axeEverywhere(DESKTOP, false, "light-desktop")],
  ["axe finds nothing on a desktop in the dark", axeEverywhere(DESKTOP, true, "dark-desktop")],
];
