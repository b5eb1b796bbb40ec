// Tickets that a browser keeps: what goes into its caches, what the worker answers out of them, and the
// entry for a calendar.
import { beforeEach, describe, expect, test } from "vitest";
import type { EventDetail, Order } from "../src/api/types.ts";
import { calendarText, offsetAt } from "../src/pages/order/calendar.ts";
import { forgetOrder, hasKept, keepOrder, keptOrder, keptOrders, orderPath } from "../src/sw/kept.ts";
import type { KeptOrder } from "../src/sw/kept.ts";
import { answerAsset, answerPage, keepOfflinePage, keepShop, keepShopAgain } from "../src/sw/tickets.ts";

const BASE = "https://shop.example";
const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY_MS = 86_400_000;
const SHOP = {
  offline: "/offline.html?1",
  offlineAssets: ["/assets/a-1.css"],
  document: "/index.html?1",
  assets: ["/assets/a-1.css", "/assets/a-1.js"],
};

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
      addAll: async (keys: string[]) => {
        for (const key of keys) entries.set(full(key), new Response(`kept ${key}`));
      },
      match: async (key: string | Request) => entries.get(full(key))?.clone(),
      delete: async (key: string | Request) => entries.delete(full(key)),
    };
  };
  const match = async (key: string): Promise<Response | undefined> =>
    [...all.values()].map((entries) => entries.get(full(key))?.clone()).find(Boolean);
  Object.assign(globalThis, { caches: { open, match } });
}

const kept = (n: number, startsInDays = 1): KeptOrder => ({
  order: { id: `ord_${n}`, event_id: "evt_1", tickets: [{ id: `tkt_${n}` }] } as Order,
  event: { id: "evt_1", starts_at: new Date(NOW + startsInDays * DAY_MS).toISOString() } as EventDetail,
  heard: NOW,
});

beforeEach(fakeCaches);

describe("kept tickets", () => {
  test("are there by the order's address until they are forgotten", async () => {
    await keepOrder(kept(1));
    expect((await keptOrder(orderPath("evt_1", "ord_1")))?.order.tickets).toHaveLength(1);
    expect(await hasKept()).toBe(true);
    await forgetOrder("evt_1", "ord_1");
    expect(await keptOrder(orderPath("evt_1", "ord_1"))).toBe(null);
    expect(await hasKept()).toBe(false);
  });

  test("are listed by when their event is, and not for ever", async () => {
    await keepOrder(kept(1, 9));
    await keepOrder(kept(2, -4));
    await keepOrder(kept(3, -2));
    await keepOrder(kept(4, 5));
    expect((await keptOrders(NOW)).map(({ order }) => order.id)).toEqual(["ord_3", "ord_4", "ord_1"]);
    expect(await keptOrder(orderPath("evt_1", "ord_2"))).toBe(null);
  });

  test("are of the last 24 orders", async () => {
    for (let n = 0; n < 30; n++) await keepOrder(kept(n));
    await keepOrder(kept(7));
    const ids = (await keptOrders(NOW)).map(({ order }) => order.id);
    expect(ids).toHaveLength(24);
    expect(ids).toContain("ord_7");
    expect(ids).not.toContain("ord_5");
  });

  test("that cannot be read are as good as none", async () => {
    const cache = await caches.open("onsale-tickets-1");
    for (const text of ["{", "null", '{"order":{}}', '{"order":{"tickets":[]},"event":{},"heard":1}']) {
      await cache.put(orderPath("evt_1", "ord_1"), new Response(text));
      expect(await keptOrder(orderPath("evt_1", "ord_1"))).toBe(null);
      expect(await keptOrders(NOW)).toEqual([]);
    }
  });

  test("are not kept where the browser has no caches", async () => {
    Object.assign(globalThis, { caches: undefined });
    await keepOrder(kept(1));
    expect([await keptOrder(orderPath("evt_1", "ord_1")), await keptOrders(), await hasKept()]).toEqual([null, [], false]);
  });
});

describe("the worker", () => {
  const gone = (): Promise<Response> => Promise.reject(new TypeError("no network"));
  const status = (code: number) => async (): Promise<Response> => new Response("fresh", { status: code });
  async function page(path: string, network: () => Promise<Response>): Promise<string> {
    Object.assign(globalThis, { fetch: network });
    return (await answerPage(new Request(BASE + path), SHOP)).text();
  }

  test("shows the shop's document for kept tickets, and for other pages what can be done", async () => {
    await keepOfflinePage("files", SHOP);
    await keepShop("files", SHOP);
    for (const path of ["/", "/tickets", "/events/evt_1/orders/ord_1"])
      expect(await page(path, gone)).toBe("kept /index.html?1");
    expect(await page("/tickets", status(503))).toBe("kept /index.html?1");
    expect(await page("/events/evt_1", gone)).toBe("kept /offline.html?1");
    expect(await page("/events/evt_1", status(503))).toBe("fresh");
  });

  test("shows what the server answers whenever it does", async () => {
    await keepOfflinePage("files", SHOP);
    await keepShop("files", SHOP);
    for (const path of ["/tickets", "/events/evt_1"])
      for (const code of [200, 404]) expect(await page(path, status(code))).toBe("fresh");
  });

  test("keeps no more than the offline page in a browser without tickets", async () => {
    await expect(page("/tickets", gone)).rejects.toThrow("no network");
    await keepOfflinePage("files", SHOP);
    await keepShopAgain("files", SHOP);
    for (const path of ["/tickets", "/events/evt_1"]) expect(await page(path, gone)).toBe("kept /offline.html?1");
    expect(await page("/tickets", status(503))).toBe("fresh");
  });

  test("of another version keeps the shop anew where there are tickets", async () => {
    await keepOrder(kept(1));
    await keepShopAgain("files", SHOP);
    expect(await page("/tickets", gone)).toBe("kept /index.html?1");
  });

  test("takes files by their name, and asks for those it does not keep", async () => {
    await keepShop("files", SHOP);
    Object.assign(globalThis, { fetch: status(200) });
    const file = (name: string): Promise<string> =>
      answerAsset(new Request(`${BASE}/assets/${name}`)).then((answer) => answer.text());
    expect(await file("a-1.js")).toBe("kept /assets/a-1.js");
    expect(await file("b-2.js")).toBe("fresh");
  });
});

describe("a calendar's entry", () => {
  const event = {
    name: "Strings; brass, and “friends”",
    starts_at: "2027-06-12T18:30:00Z",
    starts_local: "2027-06-12T20:30:00",
    timezone: "Europe/Vienna",
    venue: { name: "Große Halle", city: "Wien", country: null },
  } as unknown as EventDetail;
  const text = calendarText({
    event,
    url: `${BASE}/events/evt_1/orders/ord_1`,
    places: ["Row 1 seat 2", "Row 1 seat 3"],
    uid: "ord_1@shop.example",
    now: NOW,
  });
  const unfolded = text.replaceAll("\r\n ", "");

  test("has the venue's own time and says what that is", () => {
    expect(unfolded).toContain("\r\nDTSTART;TZID=Europe/Vienna:20270612T203000\r\n");
    expect(unfolded).toContain("\r\nTZID:Europe/Vienna\r\n");
    expect(unfolded).toContain("\r\nTZOFFSETTO:+0200\r\n");
    expect(unfolded).toContain("\r\nDTSTAMP:20261122T120000Z\r\n");
  });

  test("has texts in which nothing means anything else", () => {
    expect(unfolded).toContain("\r\nSUMMARY:Strings\\; brass\\, and “friends”\r\n");
    expect(unfolded).toContain("\r\nLOCATION:Große Halle\\, Wien\r\n");
    expect(unfolded).toContain("DESCRIPTION:Row 1 seat 2\\nRow 1 seat 3\\nhttps://");
  });

  test("has no line of more than 75 bytes, and none of a broken letter", () => {
    const long = calendarText({ event: { ...event, name: "ß€😀".repeat(40) }, url: BASE, places: [], uid: "a", now: NOW });
    for (const line of long.split("\r\n")) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    expect(long.replaceAll("\r\n ", "")).toContain("ß€😀".repeat(40));
  });

  test("knows zones ahead, behind, with a part of an hour, and none at all", () => {
    const summer = Date.parse("2027-06-12T12:00:00Z");
    const zones = ["Europe/Vienna", "America/New_York", "Asia/Kathmandu", "UTC", "America/St_Johns"];
    expect(zones.map((zone) => offsetAt(summer, zone))).toEqual(["+0200", "-0400", "+0545", "+0000", "-0230"]);
    expect(offsetAt(Date.parse("2027-01-12T12:00:00Z"), "Europe/Vienna")).toBe("+0100");
  });
});
