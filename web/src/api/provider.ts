// The payment provider, as the browser speaks to it: Stripe's wire format, form-encoded, with the
// publishable key. Card data never passes through our own server.
import type { Payment } from "./types.ts";

/** Where the buyer proves to the bank who they are: a page of the bank, or the sandbox's own step. */
export interface Challenge {
  url: string | null;
  sandboxPath: string | null;
}

export type Confirmation =
  | { kind: "accepted" }
  | { kind: "waiting" }
  | { kind: "declined"; code: string; declineCode: string | null }
  | { kind: "authenticate"; challenge: Challenge }
  | { kind: "unknown" };

/** What is paid with, as the provider's fields name it. */
export type Means = Record<string, string>;

interface ProviderError {
  code?: string;
  decline_code?: string | null;
}
interface NextAction {
  redirect_to_url?: { url?: string } | null;
  use_stripe_sdk?: { type?: string; path?: string } | null;
}
export interface ProviderIntent {
  status?: string;
  next_action?: NextAction | null;
  last_payment_error?: ProviderError | null;
}

function declined(error: ProviderError): Confirmation {
  return {
    kind: "declined",
    code: error.code ?? "card_declined",
    declineCode: error.decline_code ?? null,
  };
}

function challengeOf(action: NextAction | null | undefined): Challenge {
  const sdk = action?.use_stripe_sdk;
  return {
    url: action?.redirect_to_url?.url ?? null,
    sandboxPath: sdk?.type === "sandbox_authenticate" ? (sdk.path ?? null) : null,
  };
}

/** What an intent means for the buyer. */
export function readIntent(intent: ProviderIntent): Confirmation {
  switch (intent.status) {
    case "requires_capture":
    case "succeeded":
    case "processing":
      return { kind: "accepted" };
    case "requires_action":
      return { kind: "authenticate", challenge: challengeOf(intent.next_action) };
    case "requires_payment_method":
      return intent.last_payment_error ? declined(intent.last_payment_error) : { kind: "waiting" };
    case "requires_confirmation":
      return { kind: "waiting" };
    default:
      return { kind: "unknown" };
  }
}

/** What the provider's own form says after paying with it (stripe/fields.ts). */
export interface FieldsAnswer {
  paymentIntent?: ProviderIntent;
  error?: ProviderError & { type: string };
}

/** What that means. Whatever is not a plain no of the bank is looked up. */
export function readFields({ error, paymentIntent }: FieldsAnswer): Confirmation {
  if (paymentIntent) return readIntent(paymentIntent);
  // Said beside its field by the form itself.
  if (error?.type === "validation_error") return { kind: "waiting" };
  if (error?.type === "card_error" || error?.code === "payment_intent_authentication_failure")
    return declined(error);
  return { kind: "unknown" };
}

/** An answer that did not come is `unknown`, never a decline: the order tells what became of it. */
async function ask(payment: Payment, path: string, init: RequestInit): Promise<Confirmation> {
  try {
    const response = await fetch(`${payment.api_base ?? ""}${path}`, {
      ...init,
      headers: { ...init.headers, Authorization: `Bearer ${payment.publishable_key ?? ""}` },
    });
    const answer = (await response.json()) as ProviderIntent & { error?: ProviderError };
    if (response.ok) return readIntent(answer);
    if (response.status === 402 && answer.error) return declined(answer.error);
    return { kind: "unknown" };
  } catch {
    return { kind: "unknown" };
  }
}

const intentPath = (payment: Payment): string =>
  `/v1/payment_intents/${encodeURIComponent(payment.intent_id ?? "")}`;

export function confirmPayment(
  payment: Payment,
  means: Means,
  returnUrl: string,
): Promise<Confirmation> {
  const form = new URLSearchParams({
    client_secret: payment.client_secret ?? "",
    ...means,
    return_url: returnUrl,
  });
  return ask(payment, `${intentPath(payment)}/confirm`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
}

/** Where the payment stands, asked after a reload. */
export function lookAtPayment(payment: Payment): Promise<Confirmation> {
  const query = new URLSearchParams({ client_secret: payment.client_secret ?? "" });
  return ask(payment, `${intentPath(payment)}?${query.toString()}`, { method: "GET" });
}

/** Plays the bank's page in the sandbox. */
export function answerSandboxBank(
  payment: Payment,
  path: string,
  proved: boolean,
): Promise<Confirmation> {
  return ask(payment, path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ outcome: proved ? "succeed" : "fail" }),
  });
}
