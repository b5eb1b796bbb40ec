// What Stripe's answers mean, and how its form is asked for.
import { describe, expect, test, vi } from "vitest";
import { readFields } from "../src/api/provider.ts";
import type { Payment } from "../src/api/types.ts";
import type { Fields } from "../src/stripe/fields.ts";

const payment = {
  provider: "stripe",
  intent_id: "pi_1",
  client_secret: "pi_1_secret_2",
  publishable_key: "pk_test_1",
  api_base: "https://api.stripe.com",
  last_error: null,
} as Payment;
const buyer = { email: "ada@example.com", name: "" };
const style = { locale: "de", token: (name: string) => name, dark: true };

type Act = () => void;
let scripts: { src: string; onload: Act; onerror: Act; remove: Act }[];
let asked: unknown[][];

/** As much of a page and of Stripe's script as is used. `answer`: what paying comes to. */
function play(answer: unknown, event = "ready"): void {
  vi.resetModules();
  scripts = [];
  asked = [];
  const element = {
    on: (name: string, act: Act) => void (name === event && setTimeout(act, 0)),
    mount: () => undefined,
    destroy: () => asked.push(["destroy"]),
  };
  const Stripe = (key: string): object => {
    asked.push(["Stripe", key]);
    return {
      elements: (options: object) => {
        asked.push(["elements", options]);
        return { create: (...what: unknown[]) => (asked.push(["create", ...what]), element) };
      },
      confirmPayment: async (options: object) => {
        asked.push(["confirm", options]);
        return answer;
      },
    };
  };
  const document = {
    createElement: () => ({ remove: () => undefined }),
    head: { append: (script: (typeof scripts)[number]) => scripts.push(script) },
  };
  Object.assign(globalThis, { document, Stripe });
}

async function mounted(answer: unknown, event?: string): Promise<Fields> {
  play(answer, event);
  const { mountFields } = await import("../src/stripe/fields.ts");
  const fields = mountFields({} as HTMLElement, payment, buyer, style);
  scripts[0].onload();
  return fields;
}

const pay = async (answer: unknown): Promise<unknown> =>
  readFields(await (await mounted(answer)).confirm("https://shop.example/back"));

describe("Stripe's form", () => {
  test("is Stripe's own script, for the order's payment, in the reader's language", async () => {
    await mounted({});
    expect(scripts[0].src).toMatch(/^https:\/\/js\.stripe\.com\//);
    expect(asked[0]).toEqual(["Stripe", "pk_test_1"]);
    expect(asked[1][1]).toMatchObject({ clientSecret: "pi_1_secret_2", locale: "de", appearance: { theme: "night" } });
    expect(asked[2]).toEqual([
      "create",
      "payment",
      { defaultValues: { billingDetails: { email: "ada@example.com" } } },
    ]);
  });

  test("asks for its script again when it did not come", async () => {
    play({});
    const { mountFields } = await import("../src/stripe/fields.ts");
    const failed = mountFields({} as HTMLElement, payment, buyer, style);
    scripts[0].onerror();
    await expect(failed).rejects.toThrow("script did not come");
    const second = mountFields({} as HTMLElement, payment, buyer, style);
    scripts[1].onload();
    await second;
  });

  test("is taken out of the page when it does not load", async () => {
    await expect(mounted({}, "loaderror")).rejects.toThrow("did not load");
    expect(asked.at(-1)).toEqual(["destroy"]);
  });

  test("pays, and comes back here from a bank's page", async () => {
    expect(await pay({ paymentIntent: { status: "requires_capture" } })).toEqual({ kind: "accepted" });
    expect(asked.at(-1)?.[1]).toMatchObject({
      redirect: "if_required",
      confirmParams: {
        return_url: "https://shop.example/back",
        payment_method_data: { billing_details: { email: "ada@example.com" } },
      },
    });
    expect(await pay({ paymentIntent: { status: "processing" } })).toEqual({ kind: "accepted" });
  });

  test("tells a plain no of the bank from everything else", async () => {
    const error = (more: object): object => ({ error: more });
    expect(await pay(error({ type: "card_error", code: "card_declined", decline_code: "insufficient_funds" }))).toEqual({
      kind: "declined",
      code: "card_declined",
      declineCode: "insufficient_funds",
    });
    expect(await pay(error({ type: "invalid_request_error", code: "payment_intent_authentication_failure" }))).toMatchObject({
      kind: "declined",
      code: "payment_intent_authentication_failure",
    });
    expect(await pay(error({ type: "validation_error" }))).toEqual({ kind: "waiting" });
    expect(await pay(error({ type: "invalid_request_error", code: "payment_intent_unexpected_state" }))).toEqual({ kind: "unknown" });
    expect(await pay(error({ type: "api_connection_error" }))).toEqual({ kind: "unknown" });
  });
});
