import { describe, expect, test } from "vitest";
import type { Item } from "../src/api/types.ts";
import { linesOf } from "../src/design/item-label.ts";
import { endingOf, endsHere } from "../src/pages/checkout/model.ts";
import { opening } from "../src/shop/clock.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const costs = (price: number, fee: number) => ({
  list_price: eur(price),
  discount: eur(0),
  price: eur(price),
  fee: eur(fee),
  tax: eur(0),
});
const seat = (section: string, number: string, category: string): Item => ({
  seat: `${section}-A-${number}`,
  section,
  row: "A",
  number,
  category,
  category_index: 0,
  ...costs(4000, 200),
});
const place = (area: string, price = 3000): Item => ({
  area: area.toLowerCase(),
  area_name: area,
  category: area,
  category_index: 1,
  ...costs(price, 100),
});

describe("the lines of an order", () => {
  test("name the category only where the section does not", () => {
    const [same, figure, other] = linesOf([
      seat("Stalls", "9", "Stalls"),
      seat("9", "9", "Section 9"),
      seat("Stalls", "9", "Premium"),
    ]);
    expect(same).toMatchObject({ label: "Stalls, row A, seat 9", note: null });
    expect(figure.note).toBeNull();
    expect(other.note).toBe("Premium");
    const [view] = linesOf([
      { ...seat("Stalls", "9", "Restricted view"), kind: "restricted_view" },
    ]);
    expect(view).toMatchObject({ label: "Stalls, row A, seat 9, restricted view", note: null });
  });

  test("put the places of one area together and keep each seat", () => {
    const lines = linesOf([place("Floor"), seat("B", "1", "B"), place("Floor"), place("Ring")]);
    expect(lines.map((line) => line.label)).toEqual([
      "2 × Floor",
      "Section B, row A, seat 1",
      "Ring",
    ]);
    expect(lines[0]).toMatchObject({ price: eur(6000), fee: eur(200), note: null });
  });

  test("keep places of one area apart that cost different sums", () => {
    expect(linesOf([place("Floor"), place("Floor", 2500)])).toHaveLength(2);
  });

  test("call a row by its own name where it has one", () => {
    const [box] = linesOf([{ ...seat("Left Boxes", "2", "Box"), row: "Box 3" }]);
    expect(box.label).toBe("Left Boxes, Box 3, seat 2");
  });

  test("are none for nothing", () => {
    expect(linesOf([])).toEqual([]);
  });
});

describe("a checkout without a hold", () => {
  test("is unknown to a browser that never had it, and over for one that had", () => {
    expect(endingOf("hold_not_found", false)).toBe("unknown");
    expect(endingOf("hold_not_found", true)).toBe("over");
    expect(endingOf("hold_expired", false)).toBe("over");
    expect(endingOf("hold_ended", true)).toBe("done");
  });
  test("does not say that nothing was charged when money came too late", () => {
    expect(endsHere({ reason: "out_of_time" })).toBe(true);
    expect(endsHere({ reason: "too_late_returned" })).toBe(false);
  });
});

describe("the opening of a sale", () => {
  const sale = { opens_at: "2027-06-12T17:30:00Z", closes_at: null };
  test("is counted from what the server says is left", () => {
    const at = opening({ ...sale, state: "upcoming", opens_in_ms: 5000 }) ?? 0;
    expect(Math.abs(at - Date.now() - 5000)).toBeLessThan(1000);
    expect(opening({ ...sale, state: "upcoming" })).toBe(Date.parse(sale.opens_at));
  });
  test("is none once it is open", () => {
    expect(opening({ ...sale, state: "open" })).toBeNull();
  });
});
