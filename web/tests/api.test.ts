import { afterEach, describe, expect, test, vi } from "vitest";
import { backoffMs, get, newKey, post } from "../src/api/client.ts";
import { Problem } from "../src/api/problem.ts";
import { readIntent } from "../src/api/provider.ts";
import { en } from "../src/i18n/en.ts";
import { declineKey } from "../src/pages/checkout/model.ts";

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });
const problem = (status: number, code: string, more: object = {}): Response =>
  answer(status, { type: `urn:${code}`, title: code, status, code, ...more });

function serve(...answers: (Response | Error)[]) {
  const fetched = vi.fn<typeof fetch>(() => {
    const next = answers.shift();
    if (!next) throw new Error("one call too many");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  vi.stubGlobal("fetch", fetched);
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 2000 });
  return fetched;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a call", () => {
  test("is repeated when the network fails or the server is busy", async () => {
    const fetched = serve(new TypeError("network"), problem(503, "busy"), answer(200, { ok: 1 }));
    expect(await get("/x")).toEqual({ ok: 1 });
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  test("that was refused is not repeated and tells why", async () => {
    const fetched = serve(problem(409, "seat_unavailable", { seats: ["a", "b"] }));
    const refusal = await get("/x").catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ code: "seat_unavailable", status: 409, seats: ["a", "b"] });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  test("that changes something is repeated only under a key, and under the same one", async () => {
    const once = serve(new TypeError("network"));
    await expect(post("/x", {})).rejects.toMatchObject({ code: "offline" });
    expect(once).toHaveBeenCalledTimes(1);
    const twice = serve(new TypeError("network"), answer(201, {}));
    await post("/x", {}, { idempotencyKey: "k" });
    const keys = twice.mock.calls.map(
      ([, init]) => (init?.headers as Record<string, string>)["Idempotency-Key"],
    );
    expect(keys).toEqual(["k", "k"]);
  });

  test("that a proxy refused in its own words still has a code", async () => {
    serve(new Response("<html>", { status: 404 }));
    await expect(get("/x")).rejects.toMatchObject({ code: "not_found" });
  });
});

test("waiting doubles, is never longer than 8 s and heeds the server", () => {
  expect([1, 2, 3].map((n) => backoffMs(n, undefined, 0.5))).toEqual([400, 800, 1600]);
  expect(backoffMs(20, undefined, 0.5)).toBe(8000);
  expect(backoffMs(1, 3000, 0.5)).toBe(3000);
  expect(backoffMs(1, 3_600_000, 0.5)).toBe(8000);
});

test("keys are long and never the same", () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey()).not.toBe(newKey());
});

describe("what the provider says", () => {
  test("authorised, captured and processing are accepted", () => {
    for (const status of ["requires_capture", "succeeded", "processing"])
      expect(readIntent({ status })).toEqual({ kind: "accepted" });
  });
  test("an intent that waits for its first card is not a decline", () => {
    expect(readIntent({ status: "requires_payment_method" })).toEqual({ kind: "waiting" });
  });
  test("a declined card says why, in words of the catalogue", () => {
    const said = readIntent({
      status: "requires_payment_method",
      last_payment_error: { code: "card_declined", decline_code: "insufficient_funds" },
    });
    expect(said).toEqual({
      kind: "declined",
      code: "card_declined",
      declineCode: "insufficient_funds",
    });
    expect(declineKey("card_declined", "insufficient_funds")).toBe("checkout.funds");
    for (const code of ["card_declined", "expired_card", "incorrect_cvc", "something_new"])
      expect(en).toHaveProperty([declineKey(code, null)]);
  });
  test("a bank that asks gives its page or the sandbox's step", () => {
    expect(
      readIntent({
        status: "requires_action",
        next_action: { use_stripe_sdk: { type: "sandbox_authenticate", path: "/p" } },
      }),
    ).toEqual({ kind: "authenticate", challenge: { url: null, sandboxPath: "/p" } });
  });
  test("anything else is unknown, not a decline", () => {
    expect(readIntent({ status: "new_word" })).toEqual({ kind: "unknown" });
    expect(readIntent({})).toEqual({ kind: "unknown" });
  });
});
