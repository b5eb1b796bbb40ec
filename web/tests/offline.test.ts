// What the service worker does with what it is given, and how a moment is written.
import { describe, expect, test } from "vitest";
import { keepPlace, placeOf } from "../src/sw/places.ts";
import { answerWaitingPage, isWaitingPage, layIn } from "../src/sw/waiting.ts";
import { momentWords } from "../src/waiting/when.ts";
import type { Given } from "../src/waiting/types.ts";

const SHELL = "/waiting.html?1";
const BASE = "https://shop.example";

/** As much of the browser's caches as is used here; they resolve in order of being put. */
function fakeCaches(): void {
  const all = new Map<string, Map<string, Response>>();
  const full = (key: string | Request): string =>
    new URL(typeof key === "string" ? key : key.url, BASE).href;
  const open = async (name: string): Promise<object> => {
    const entries = all.get(name) ?? new Map<string, Response>();
    all.set(name, entries);
    return {
      keys: async () => [...entries.keys()].map((url) => new Request(url)),
      put: async (key: string, value: Response) => void entries.set(full(key), value),
      match: async (key: string) => entries.get(full(key))?.clone(),
      delete: async (key: Request) => entries.delete(full(key)),
    };
  };
  const match = async (key: string): Promise<Response | undefined> =>
    [...all.values()].map((entries) => entries.get(full(key))?.clone()).find(Boolean);
  Object.assign(globalThis, { caches: { open, match } });
}

const path = (n: number): string => `/events/evt_${n}/queue`;
const given = (name: string): Given => ({ event: { name } }) as Given;

async function keepShell(): Promise<void> {
  const document = new Response("<script id=given>null</script>", {
    headers: { "Content-Security-Policy": "default-src 'none'", "Content-Encoding": "gzip" },
  });
  await (await caches.open("files")).put(SHELL, document);
}

/** With a network that does as `network` says. */
async function answer(network: () => Promise<Response>): Promise<Response> {
  Object.assign(globalThis, { fetch: network });
  return answerWaitingPage(new Request(BASE + path(1)), SHELL);
}

describe("the waiting page without a network", () => {
  test("is known by its address, and no call of the API is", () => {
    const request = (url: string, mode = "navigate", method = "GET"): Request =>
      ({ url: BASE + url, mode, method }) as Request;
    expect(isWaitingPage(request(path(1)))).toBe(true);
    expect(isWaitingPage(request(`${path(1)}?a=b`))).toBe(true);
    expect(isWaitingPage(request(`/api/v1${path(1)}`))).toBe(false);
    expect(isWaitingPage(request("/events/evt_1/seats"))).toBe(false);
    expect(isWaitingPage(request(path(1), "cors"))).toBe(false);
    expect(isWaitingPage(request(path(1), "navigate", "POST"))).toBe(false);
  });

  test("carries texts that cannot end their element", () => {
    const text = layIn("<b id=given>null</b>", JSON.stringify({ name: "</script>$&" }));
    expect(text).toBe('<b id=given>{"name":"\\u003c/script>$&"}</b>');
  });

  test("is the server's answer whenever there is one", async () => {
    fakeCaches();
    await keepShell();
    await keepPlace(path(1), given("kept"));
    for (const status of [200, 404]) {
      const got = await answer(async () => new Response("fresh", { status }));
      expect([got.status, await got.text()]).toEqual([status, "fresh"]);
    }
  });

  test("shows what was known, under the document's own policy", async () => {
    fakeCaches();
    await keepShell();
    await keepPlace(path(1), given("kept"));
    const gone = (): Promise<Response> => Promise.reject(new TypeError("no network"));
    const busy = async (): Promise<Response> => new Response("", { status: 503 });
    for (const network of [gone, busy]) {
      const got = await answer(network);
      expect(await got.text()).toBe('<script id=given>{"event":{"name":"kept"}}</script>');
      expect(got.headers.get("Content-Security-Policy")).toBe("default-src 'none'");
      expect(got.headers.get("Content-Encoding")).toBe(null);
    }
  });

  test("makes nothing up for an event that this browser does not know", async () => {
    fakeCaches();
    await keepShell();
    await expect(answer(() => Promise.reject(new TypeError("no network")))).rejects.toThrow("no network");
    expect((await answer(async () => new Response("", { status: 503 }))).status).toBe(503);
  });

  test("is kept for the last eight events", async () => {
    fakeCaches();
    for (let n = 0; n < 12; n++) await keepPlace(path(n), given(`${n}`));
    await keepPlace(path(5), given("5 again"));
    const known = await Promise.all([3, 4, 5, 11].map((n) => placeOf(path(n))));
    expect(known.map((text) => text && (JSON.parse(text) as Given).event.name)).toEqual([
      undefined,
      "4",
      "5 again",
      "11",
    ]);
  });
});

describe("a moment", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const words = (iso: string, zone?: string): string => momentWords(Date.parse(iso), now, "en-GB", zone);

  test("has its year when that is another or more than half a year away", () => {
    expect(words("2026-12-30T12:00:00Z")).not.toMatch(/202/);
    expect(words("2027-01-02T12:00:00Z")).toMatch(/2027/);
    expect(momentWords(Date.parse("2026-12-20T12:00:00Z"), Date.parse("2026-02-01T12:00:00Z"), "en")).toMatch(/2026/);
  });

  test("has its zone only where the reader's clock shows another time", () => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(words("2026-12-01T12:00:00Z", here)).toBe(words("2026-12-01T12:00:00Z"));
    expect(words("2026-12-01T12:00:00Z", "Pacific/Kiritimati")).toMatch(/2 Dec, 0?2:00 GMT\+14/);
  });

  test("is told with the reader's zone when the browser does not know the venue's", () => {
    expect(words("2026-12-01T12:00:00Z", "Europe/Nowhere")).toMatch(/Dec.* [A-Z]/);
  });
});
