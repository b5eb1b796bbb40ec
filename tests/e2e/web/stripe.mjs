// The checkout of a box office with a real account: the policy is opened for Stripe, and for nothing
// else, and its form is loaded, filled in and paid with. Stripe is played here, its script and what it
// answers to the box office: no real account takes part. Without a key no page asks anybody else.
import { Server, adminToken } from "../lib/server.mjs";
import { address, check, hold, noViolation, pay, PHONE, tickets, withBuyer } from "./lib.mjs";
import { newEvent } from "./waiting.mjs";

const KEY = "pk_test_played";
const SECRET = "pi_played_secret_1";

/** As much of Stripe.js as the shop uses; what it was asked is in `asked`. A card number that ends on 0002
 * is declined, as Stripe's test card 4000 0000 0000 0002 is. */
function playStripe() {
  const asked = [];
  globalThis.asked = asked;
  globalThis.Stripe = (key) => {
    asked.push(["Stripe", key]);
    let field;
    return {
      elements: (options) => {
        asked.push(["elements", options]);
        return {
          create: (type) => {
            const acts = {};
            return {
              on: (event, act) => void (acts[event] = act),
              mount: (box) => {
                asked.push(["mount", type]);
                const label = Object.assign(document.createElement("label"), { textContent: "Card number" });
                field = document.createElement("input");
                label.append(field);
                box.append(label);
                setTimeout(() => acts.ready());
              },
              destroy: () => field?.parentElement.remove(),
            };
          },
        };
      },
      confirmPayment: async ({ confirmParams, redirect }) => {
        asked.push(["confirm", { confirmParams, redirect }]);
        if (field.value === "") return { error: { type: "validation_error" } };
        if (field.value.endsWith("0002")) return { error: { type: "card_error", code: "card_declined" } };
        return { paymentIntent: { id: "pi_played", status: "requires_capture" } };
      },
    };
  };
}

async function withAccount(world, act) {
  const server = await Server.create({
    name: "stripe",
    command: ["serve"],
    env: {
      ONSALE_STRIPE_SECRET_KEY: "sk_test_played",
      ONSALE_STRIPE_PUBLISHABLE_KEY: KEY,
      ONSALE_STRIPE_WEBHOOK_SECRET: "whsec_played",
    },
  });
  try {
    await server.start();
    const house = { ...world, base: `http://127.0.0.1:${server.port}`, adminToken };
    await act(house, await newEvent(house, { enabled: false }));
  } finally {
    await server.stop();
    server.remove();
  }
}

/** The box office cannot ask Stripe here, so what an order says is played, too: as it would be. */
async function playOrders(page, event) {
  const state = { paid: false, placed: 0 };
  const payment = {
    provider: "stripe",
    intent_id: "pi_played",
    client_secret: SECRET,
    publishable_key: KEY,
    api_base: "https://api.stripe.com",
    last_error: null,
  };
  const money = (amount) => ({ amount, currency: "EUR" });
  const order = () => ({
    id: "ord_played",
    event_id: event,
    hold_id: state.hold,
    state: state.paid ? "paid" : "pending",
    reason: state.paid ? "paid" : "to_pay",
    message: "",
    items: state.items,
    total: money(2750),
    discount: money(0),
    tax: money(0),
    refunded: money(0),
    promo_code: false,
    refunds: [],
    email: state.email,
    name: null,
    expires_at: null,
    expires_in_ms: state.paid ? null : 600_000,
    payment: state.paid ? null : payment,
    tickets: [],
  });
  await page.route(`**/api/v1/events/${event}/orders`, async (route) => {
    const body = route.request().postDataJSON();
    Object.assign(state, { hold: body.hold_id, email: body.email, placed: state.placed + 1 });
    await route.fulfill({ status: 201, json: order() });
  });
  await page.route(`**/api/v1/events/${event}/orders/*`, (route) => route.fulfill({ json: order() }));
  await page.route("https://api.stripe.com/**", (route) =>
    route.fulfill({ json: { status: "requires_payment_method", last_payment_error: null } }),
  );
  page.on("response", async (response) => {
    if (/\/holds(\/\w+)?$/.test(new URL(response.url()).pathname) && response.ok())
      state.items = (await response.json().catch(() => state)).items;
  });
  return state;
}

const QUIET = { provokes: /ERR_FAILED/ };

async function paidWithForm(world) {
  await withAccount(world, (house, event) =>
    withBuyer(house, PHONE, QUIET, async ({ page }) => {
      let scripts = 0;
      await page.route("https://js.stripe.com/**", (route) =>
        // The network is bad at first.
        ++scripts === 1
          ? route.abort()
          : route.fulfill({ contentType: "text/javascript", body: `(${playStripe})()` }),
      );
      const state = await playOrders(page, event);
      const answer = await page.goto(`/events/${event}/seats`);
      const policy = answer.headers()["content-security-policy"];
      for (const part of [
        "script-src 'self' https://js.stripe.com https://*.js.stripe.com;",
        "connect-src 'self' https://api.stripe.com;",
        "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
      ])
        check(`${policy};`.includes(part), `the policy has ${part} (${policy})`);
      await page.getByRole("button", { name: /^One more/ }).first().click();
      await hold(page);
      check(scripts === 0, "nobody is asked before there is a payment");
      const email = address("real");
      await page.locator('input[name="email"]').fill(email);
      await page.getByRole("button", { name: "Continue to payment" }).click();
      await page.getByText("The payment form did not load. Your seats are still yours.").waitFor();
      await noViolation(page, "a payment form that did not load");
      await world.pictures.take(page, "phone-stripe-away", true);
      await page.getByRole("button", { name: "Try again", exact: true }).click();
      const card = page.getByLabel("Card number");
      await card.waitFor();
      await world.pictures.take(page, "phone-stripe", true);
      await noViolation(page, "a payment form");

      const submit = page.getByRole("button", { name: /^Pay / });
      await submit.click();
      await submit.and(page.locator(":enabled")).waitFor();
      await card.fill("4000000000000002");
      await submit.click();
      await page.getByText("The card was declined. Your seats are still yours.").waitFor();
      // A reload goes on with the same order, and its form is there at once.
      await page.reload();
      await card.fill("4242424242424242");
      state.paid = true;
      await submit.click();
      await page.waitForURL(/\/orders\/ord_played$/);
      check(state.placed === 1, "one order was placed");

      const asked = await page.evaluate(() => globalThis.asked);
      const [, options] = asked.find(([what]) => what === "elements");
      check(asked[0][1] === KEY && options.clientSecret === SECRET, "the form is of this order's payment");
      const [, { confirmParams, redirect }] = asked.at(-1);
      check(redirect === "if_required", "the page is left for a bank's page only");
      check(/\/checkout\/\w+$/.test(confirmParams.return_url), "from which one comes back to the checkout");
      check(confirmParams.payment_method_data.billing_details.email === email, "Stripe knows whose it is");
    }),
  );
}

/** With the sandbox: the shop itself and the sandbox are all that a whole purchase asks. */
async function nobodyElse(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    const origins = new Set();
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http")) origins.add(origin);
    });
    await page.goto("/");
    await page.goto(`/events/${world.events.standing.id}`);
    await page.goto(`/events/${world.events.standing.id}/seats`);
    await page.getByRole("button", { name: /^One more/ }).first().click();
    await hold(page);
    await pay(page, "pm_card_visa");
    await tickets(page, 1);
    const { payment } = world.events.standing;
    origins.delete(new URL(world.base).origin);
    origins.delete(new URL(payment.api_base).origin);
    check(origins.size === 0, `nobody else is asked: ${[...origins]}`);
  });
}

export const stripeCases = [
  ["a real account's own form is loaded for a payment and paid with", paidWithForm],
  ["without a real key no page asks anybody else", nobodyElse],
];
