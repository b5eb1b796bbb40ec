// Money as buyers see it: packages and promo codes, other ways to pay than cards, payments that cannot be started,
// refunds.
import { organise, withToken } from "./organiser.mjs";
import {
  address,
  check,
  DESKTOP,
  hold,
  noViolation,
  pay,
  PHONE,
  tickets,
  withBuyer,
} from "./lib.mjs";

const CODE = "NINE-LIVES";

/** An evening without seats: 4 for the price of 3, a tenth off with the code, tax inside, every way to pay. */
async function evening(world) {
  const { id } = await organise(world, "POST", "", {
    name: "The Cats’ Concert",
    starts_at: "2031-05-03T19:30:00",
    timezone: "Europe/Berlin",
    venue: { name: "Small Hall", city: "Bremen", country: "DE" },
    currency: "EUR",
    price_categories: [{ name: "Floor", price: 2000, fee: 200 }],
    areas: [{ id: "floor", name: "Floor", capacity: 100, price_category: "Floor" }],
    tax: { rate_bp: 1900 },
    payment_methods: ["card", "ideal", "bancontact", "sepa_debit"],
    processing_seconds: 5 * 86400,
    packages: [{ name: "Litter", categories: ["Floor"], size: 4, paid: 3 }],
    price_rules: [{ category: "Floor", price: 2500, sold_from: 60 }],
  });
  const promo = { code: CODE, kind: "percent", value: 1000 };
  await organise(world, "POST", `/${id}/promo_codes`, promo);
  const late = { code: "TOO-LATE", valid_until: "2026-01-01T00:00:00Z" };
  await organise(world, "POST", `/${id}/promo_codes`, { ...promo, ...late });
  return id;
}

async function toCheckout(page, event, n) {
  await page.goto(`/events/${event}/seats`);
  for (let i = 0; i < n; i++) await page.getByRole("button", { name: /one more/i }).first().click();
  await hold(page);
}

const total = (page) => page.locator(".stub-total b").textContent();

function cheaper(size, dark, name) {
  return async (world) => {
    const id = await evening(world);
    await withBuyer(world, size, { dark }, async ({ page }) => {
      await page.goto(`/events/${id}`);
      await page.getByText("Litter: 4 for the price of 3").waitFor();
      await page.getByText("60 left at this price, then €27.00").waitFor();
      await world.pictures.take(page, `${name}-prices`, true);
      await page.goto(`/events/${id}/seats`);
      for (let i = 0; i < 4; i++)
        await page.getByRole("button", { name: /one more/i }).first().click();
      await page.getByText("You save €22.00: Litter").waitFor();
      await world.pictures.take(page, `${name}-package`);
      await hold(page);
      check((await total(page)) === "€66.00", "three of four are paid");
      await page.getByText("You save €20.00: Litter: 4 for the price of 3.").waitFor();
      await page.getByText("Have a promo code?").click();
      const field = page.getByLabel("Promo code");
      const use = page.getByRole("button", { name: "Use code" });
      for (const [code, words] of [
        ["nobody-knows", "We know no such code."],
        ["too-late", "This code worked until"],
      ]) {
        await field.fill(code);
        await use.click();
        await page.locator("#code-problem", { hasText: words }).waitFor();
        check(await field.evaluate((each) => each === document.activeElement), "the field has the focus");
      }
      await noViolation(page, `a refused promo code (${name})`);
      await world.pictures.take(page, `${name}-promo-refused`, true);
      await field.fill(CODE.toLowerCase());
      await field.press("Enter");
      await page.getByText("You save €6.00: promo code.").waitFor();
      check((await total(page)) === "€60.00", "and a tenth less with the code");
      await page.getByRole("button", { name: "Remove code" }).click();
      await page.getByText("Have a promo code?").waitFor();
      check((await total(page)) === "€66.00", "the code is left");
      await page.getByText("Have a promo code?").click();
      await field.fill(CODE);
      await use.click();
      await page.getByText("You save €6.00: promo code.").waitFor();
      await noViolation(page, `a promo code (${name})`);
      await world.pictures.take(page, `${name}-promo`, true);
      await pay(page, "pm_card_visa");
      await tickets(page, 4);
      await page.getByText("You save €6.00: promo code.").waitFor();
      await world.pictures.take(page, `${name}-promo-paid`, true);
    });
  };
}

/** A direct debit that comes back after days; then a card. */
async function debitThenCard(world) {
  const id = await evening(world);
  await withBuyer(world, PHONE, { dark: true }, async ({ page }) => {
    await toCheckout(page, id, 1);
    await page.locator('input[value="sepa_debit"]').check();
    await page.getByText("your seats are kept 5 days for it").waitFor();
    await noViolation(page, "a direct debit");
    await world.pictures.take(page, "phone-debit", true);
    await pay(page, "pm_failed_de");
    await page.getByRole("heading", { name: "Your bank is at work." }).waitFor();
    await world.pictures.take(page, "phone-processing");
    await page.getByRole("heading", { name: "Not paid yet." }).waitFor({ timeout: 40_000 });
    await noViolation(page, "an order that is not paid yet");
    await world.pictures.take(page, "phone-not-paid");
    await page.getByRole("link", { name: "Go to payment" }).click();
    await page.getByText("The payment did not succeed. Your seats are still yours.").waitFor();
    await pay(page, "pm_card_visa");
    await tickets(page, 1);
  });
}

async function ideal(world) {
  const id = await evening(world);
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await toCheckout(page, id, 1);
    const atTheBank = async (button) => {
      await page.getByRole("radio", { name: /iDEAL/ }).check();
      await page.getByText("You confirm on your bank’s page").waitFor();
      await world.pictures.take(page, "desktop-ideal", true);
      await page.locator('.checkout-form button[type="submit"]').click();
      await page.waitForURL(/\/sandbox\//);
      await page.getByRole("button", { name: button }).click();
    };
    await page.locator('input[name="email"]').fill(address());
    await atTheBank(/refuse/i);
    await page.getByText("Your seats are still yours.").waitFor();
    check(!page.url().includes("?"), "nothing of the bank stays in the address");
    await atTheBank(/approve/i);
    await tickets(page, 1);
  });
}

/** Payments cannot be started, and then they can. */
async function away(world) {
  const id = await evening(world);
  await withBuyer(world, PHONE, { provokes: /status of 503/ }, async ({ page }) => {
    await toCheckout(page, id, 1);
    let tries = 0;
    await page.route(/\/orders$/, async (route) => {
      if (++tries > 1) return route.continue();
      return route.fulfill({
        status: 503,
        headers: { "Retry-After": "4" },
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "about:blank",
          title: "Payments cannot be started at the moment",
          status: 503,
          code: "payment_unavailable",
          retry_after: 4,
          expires_in_ms: 900_000,
        }),
      });
    });
    await pay(page, "pm_card_visa");
    await page.getByText("Payments cannot be started just now.").waitFor();
    await page.getByText(/We keep your seats 5 minutes longer for it/).waitFor();
    await page.getByRole("button", { name: "Try again now" }).waitFor();
    await noViolation(page, "payments that cannot be started");
    await world.pictures.take(page, "phone-away", true);
    await tickets(page, 1); // by itself
    check(tries === 2, `it went out again once: ${tries}`);
  });
}

async function refunded(world) {
  const id = await evening(world);
  await withBuyer(world, DESKTOP, { dark: true }, async ({ page }) => {
    await toCheckout(page, id, 2);
    await pay(page, "pm_card_visa");
    await tickets(page, 2);
    const order = page.url().split("/").pop();
    const images = page.locator(".ticket img");
    const [first] = (await images.first().getAttribute("src")).match(/tkt_\w+/);
    const give = (body) =>
      organise(world, "POST", `/${id}/orders/${order}/refunds`, { reason: "asked", ...body });
    await give({ tickets: [first] });
    await page.reload();
    await page.getByRole("heading", { name: "Refunded in part." }).waitFor();
    await tickets(page, 1);
    await page.getByText("paid back").waitFor();
    await page.locator(".refunds", { hasText: "€22.00" }).waitFor();
    await noViolation(page, "a refund in part");
    await world.pictures.take(page, "desktop-refunded-in-part", true);
    await give({});
    await page.reload();
    await page.getByRole("heading", { name: "Refunded.", exact: true }).waitFor();
    check((await page.locator(".ticket").count()) === 0, "no ticket is left");
    await noViolation(page, "a refund");
    await world.pictures.take(page, "desktop-refunded", true);
  });
}

export const moneyCases = [
  ["a package and a promo code make it cheaper on a phone", withToken(cheaper(PHONE, false, "phone"))],
  ["a package and a promo code make it cheaper on a desktop", withToken(cheaper(DESKTOP, true, "desktop"))],
  ["a direct debit that comes back is followed by a card", withToken(debitThenCard)],
  ["iDEAL is refused and approved at the bank's page", withToken(ideal)],
  ["payments that cannot be started are tried again by themselves", withToken(away)],
  ["a refund is shown, of a part and of all", withToken(refunded)],
];
