// Stripe's own payment form, for a box office with a real account: card numbers are typed into frames of
// Stripe's and never come here. Its script must come from Stripe itself (no copy is allowed), so it is
// loaded only when such a payment is there; only then does the pages' policy allow it (src/app/pages.c).
import type { FieldsAnswer } from "../api/provider.ts";
import type { Payment } from "../api/types.ts";

/** Of the version that the box office speaks with Stripe (src/effects/stripe.h). */
const SCRIPT = "https://js.stripe.com/basil/stripe.js";

// What of Stripe.js is used here; docs.stripe.com/js has the rest.
interface PaymentElement {
  mount(box: HTMLElement): void;
  destroy(): void;
  on(event: "ready" | "loaderror", act: () => void): void;
}
interface Elements {
  create(type: "payment", options: object): PaymentElement;
}
interface Stripe {
  elements(options: object): Elements;
  confirmPayment(options: object): Promise<FieldsAnswer>;
}
type MakeStripe = (publishableKey: string) => Stripe;

export interface Buyer {
  email: string;
  name: string;
}

/** The form in the page. */
export interface Fields {
  /** Pays with what was typed; a bank that has a page of its own comes back to `returnUrl`. */
  confirm(returnUrl: string): Promise<FieldsAnswer>;
  remove(): void;
}

/** How it looks and speaks. */
export interface Style {
  locale: string;
  /** The page's own value of a custom property. */
  token: (name: string) => string;
  dark: boolean;
}

let loading: Promise<MakeStripe> | null = null;

function load(): Promise<MakeStripe> {
  loading ??= new Promise<MakeStripe>((done, fail) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.onload = () => done((globalThis as unknown as { Stripe: MakeStripe }).Stripe);
    script.onerror = () => {
      script.remove();
      loading = null; // the next who asks tries again
      fail(new Error("Stripe's script did not come"));
    };
    document.head.append(script);
  });
  return loading;
}

/** One of each key: Stripe asks for that. */
const made = new Map<string, Stripe>();

function stripeFor(make: MakeStripe, key: string): Stripe {
  const stripe = made.get(key) ?? make(key);
  made.set(key, stripe);
  return stripe;
}

/** Lays the form for a payment into `box` and waits until it can be used. */
export async function mountFields(
  box: HTMLElement,
  { publishable_key: key, client_secret: clientSecret }: Payment,
  { email, name }: Buyer,
  { locale, token, dark }: Style,
): Promise<Fields> {
  if (!key || !clientSecret) throw new Error("no such payment");
  const stripe = stripeFor(await load(), key);
  const elements = stripe.elements({
    clientSecret,
    locale,
    appearance: {
      theme: dark ? "night" : "stripe",
      variables: {
        colorPrimary: token("--ink"),
        colorBackground: token("--raised"),
        colorText: token("--ink"),
        colorDanger: token("--accent-text"),
        borderRadius: token("--round"),
      },
    },
  });
  const billing = { email, ...(name === "" ? {} : { name }) };
  const element = elements.create("payment", { defaultValues: { billingDetails: billing } });
  await new Promise<void>((done, fail) => {
    element.on("ready", done);
    element.on("loaderror", () => {
      element.destroy();
      fail(new Error("Stripe's form did not load"));
    });
    element.mount(box);
  });
  return {
    confirm(returnUrl) {
      const confirmParams = {
        return_url: returnUrl,
        payment_method_data: { billing_details: billing },
      };
      return stripe.confirmPayment({ elements, confirmParams, redirect: "if_required" });
    },
    remove: () => element.destroy(),
  };
}
