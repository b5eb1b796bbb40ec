import { describe, expect, test } from "vitest";
import type { EventItem } from "../src/api/types.ts";
import { mostWanted } from "../src/pages/home/most-wanted.tsx";
import { citiesOf } from "../src/pages/home/places.tsx";

function event(more: Partial<EventItem> & { city?: string | null }): EventItem {
  const { city = "Vienna", ...rest } = more;
  return {
    id: "evt_1",
    name: "An evening",
    starts_at: "2031-05-03T17:30:00.000Z",
    starts_local: "2031-05-03T19:30:00",
    timezone: "Europe/Vienna",
    venue: { id: "ven_1", name: "Small Hall", city, country: "AT" },
    performers: [],
    category: null,
    status: "on_sale",
    sale: { state: "open", opens_at: null, closes_at: null },
    taken_percent: 0,
    price_from: null,
    ...rest,
  };
}

describe("what is most wanted", () => {
  test("is that of which most is gone, three of them at most", () => {
    const events = [3, 90, 0, 41, 12].map((taken_percent) => event({ taken_percent }));
    expect(mostWanted(events).map((each) => each.taken_percent)).toEqual([90, 41, 12]);
  });
  test("is on sale, and something of it is gone", () => {
    expect(
      mostWanted([
        event({ taken_percent: 0 }),
        event({ taken_percent: 100, status: "sold_out" }),
        event({ taken_percent: 60, status: "past" }),
      ]),
    ).toEqual([]);
  });
});

describe("the places to choose from", () => {
  const events = [
    event({ city: "Wien" }),
    event({ city: "Hamburg", timezone: "Europe/Berlin" }),
    event({ city: null }),
    event({ city: "Hamburg", timezone: "Europe/Berlin" }),
    event({ city: "Aachen", timezone: "Europe/Berlin" }),
    event({ city: "Boston", timezone: "America/New_York" }),
  ];
  test("are each there once, those that keep the reader's time first", () => {
    expect(citiesOf(events, "Europe/Berlin")).toEqual(["Aachen", "Hamburg", "Boston", "Wien"]);
    expect(citiesOf(events, "America/New_York")[0]).toBe("Boston");
    expect(citiesOf(events, "Asia/Tokyo")).toEqual(["Aachen", "Boston", "Hamburg", "Wien"]);
  });
  test("are not more than fit", () => {
    const many = Array.from({ length: 30 }, (_, i) => event({ city: `City ${i}` }));
    expect(citiesOf(many)).toHaveLength(8);
  });
});
