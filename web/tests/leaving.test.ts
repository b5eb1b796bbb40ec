// What a page says when it goes with places held, and what it does when it is back.
import { beforeEach, describe, expect, test, vi } from "vitest";

type Listener = (event: unknown) => void;
const kept = new Map<string, string>();
let listeners: Map<string, Listener>;
let beacons: string[];
let posted: unknown[];
let looked: string[];
let tabs: { onmessage: Listener };

/** As much of a browser as is used. */
function playBrowser(): void {
  listeners = new Map();
  beacons = [];
  posted = [];
  looked = [];
  const on = (name: string, act: Listener): void => void listeners.set(name, act);
  const sessionStorage = new Proxy(
    { getItem: (key: string) => kept.get(key) ?? null },
    {
      ownKeys: () => [...kept.keys()],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    },
  );
  class BroadcastChannel {
    onmessage: Listener = () => undefined;
    constructor() {
      tabs = this;
    }
    postMessage(data: unknown): void {
      posted.push(data);
    }
  }
  const browser = { addEventListener: on, document: { addEventListener: on }, sessionStorage, BroadcastChannel };
  vi.stubGlobal("navigator", { sendBeacon: (url: string) => beacons.push(url) });
  vi.stubGlobal("location", { origin: "https://shop.example" });
  for (const [name, value] of Object.entries(browser)) vi.stubGlobal(name, value);
}

vi.mock("../src/api/shop.ts", () => ({
  leaveUrl: (event: string, hold: string) => `${event}/${hold}/leave`,
  getHold: async (event: string, hold: string) => void looked.push(`${event}/${hold}`),
}));

const { comeBack, watchLeaving } = await import("../src/shop/leaving.ts");

const hear = (name: string, event: unknown = {}): void => listeners.get(name)?.(event);
const clicked = (origin: string | null): object => ({
  target: { closest: () => (origin === null ? null : { origin }) },
});

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now() + 3_600_000 });
  kept.clear();
  playBrowser();
  watchLeaving();
});

describe("a page that goes", () => {
  test("says so of every hold, to the server and to other tabs", () => {
    kept.set("onsale.hold.evt_1", '{"hold":"hld_1"}');
    kept.set("onsale.hold.evt_2", '{"hold":"hld_2"}');
    kept.set("onsale.picks.evt_3", '["a"]');
    kept.set("onsale.hold.evt_4", "{");
    hear("pagehide");
    expect(beacons).toEqual(["evt_1/hld_1/leave", "evt_2/hld_2/leave"]);
    expect(posted).toEqual(["hld_1", "hld_2"]);
  });

  test("says nothing when another document of the shop follows, for a moment", () => {
    kept.set("onsale.hold.evt_1", '{"hold":"hld_1"}');
    comeBack();
    hear("pagehide");
    hear("click", clicked("https://shop.example"));
    hear("pagehide");
    expect(beacons).toEqual([]);
    vi.advanceTimersByTime(3001);
    hear("click", clicked("https://elsewhere.example"));
    hear("click", clicked(null));
    hear("pagehide");
    expect(beacons).toHaveLength(1);
  });
});

describe("a page that is there", () => {
  test("looks at its holds, and once more after what was said in going can have come", () => {
    hear("pageshow");
    expect(vi.getTimerCount()).toBe(0);
    kept.set("onsale.hold.evt_1", '{"hold":"hld_1"}');
    hear("pageshow");
    expect(looked).toEqual(["evt_1/hld_1"]);
    vi.advanceTimersByTime(15_000);
    expect(looked).toEqual(["evt_1/hld_1", "evt_1/hld_1"]);
  });

  test("keeps the hold that another tab leaves behind, if it is its own, too", () => {
    kept.set("onsale.hold.evt_1", '{"hold":"hld_1"}');
    tabs.onmessage({ data: "hld_9" });
    vi.advanceTimersByTime(15_000);
    expect(looked).toEqual([]);
    tabs.onmessage({ data: "hld_1" });
    vi.advanceTimersByTime(15_000);
    expect(looked).toEqual(["evt_1/hld_1", "evt_1/hld_1"]);
  });
});
