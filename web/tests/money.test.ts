import { describe, expect, test } from "vitest";
import { Problem } from "../src/api/problem.ts";
import type { EventDetail, Hold, Item, Package } from "../src/api/types.ts";
import { changeWords, packageName } from "../src/design/price.tsx";
import { soonDate, spanWords } from "../src/i18n/format.ts";
import { promoWord } from "../src/pages/checkout/promo-form.tsx";
import { meansOf } from "../src/pages/checkout/ways.ts";
import { lookAgainMs, nextOf, titleOf, toldOf, untilOf } from "../src/pages/order/words.ts";
import { packagesOf, savingsOf } from "../src/shop/quote.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const pack = (size: number, paid: number, categories = ["A"], name: string | null = null) =>
  ({ name, categories, size, paid }) satisfies Package;
const units = (...prices: number[]) => prices.map((price) => ({ category: "A", price }));

describe("packages", () => {
  test("make the cheapest of each whole one free", () => {
    const [made] = packagesOf(units(10, 40, 30, 20, 50), [pack(4, 3)]);
    expect(made.free).toEqual([3]);
    expect(packagesOf(units(10, 40, 30), [pack(4, 3)])).toEqual([]);
  });
  test("take what no earlier one took, of their own categories", () => {
    const mixed = [...units(10, 10), { category: "B", price: 90 }, ...units(10)];
    const made = packagesOf(mixed, [pack(2, 1), pack(2, 1, ["A", "B"])]);
    expect(made.map(({ free }) => free)).toEqual([[1], [3]]);
  });
  test("are called by their name and what they give", () => {
    expect(packageName(pack(4, 3))).toBe("4 for the price of 3");
    expect(packageName(pack(4, 3, ["A"], "Family"))).toBe("Family: 4 for the price of 3");
  });
});

describe("what is saved", () => {
  const item = (list: number, discount: number): Item => ({
    category: "A",
    category_index: 0,
    list_price: eur(list),
    discount: eur(discount),
    price: eur(list - discount),
    fee: eur(0),
    tax: eur(0),
  });
  const quote = (items: Item[], promo: boolean) =>
    ({
      items,
      promo_code: promo,
      discount: eur(items.reduce((sum, each) => sum + each.discount.amount, 0)),
    }) as Hold;
  const event = (...packages: Package[]) => ({ packages }) as EventDetail;

  test("is told apart by package and promo code", () => {
    const two = quote([item(50, 5), item(40, 40)], true);
    expect(savingsOf(two, event(pack(2, 1)))).toEqual([
      { why: pack(2, 1), amount: 40 },
      { why: "promo", amount: 5 },
    ]);
    expect(savingsOf(quote([item(50, 5)], true), event())).toEqual([{ why: "promo", amount: 5 }]);
  });
  test("is nothing without a discount, and has no reason where none is known", () => {
    expect(savingsOf(quote([item(50, 0)], true), event())).toEqual([]);
    // The package of now is not the one that this hold was made under.
    const older = quote([item(50, 0), item(40, 20)], false);
    expect(savingsOf(older, event(pack(2, 1)))).toEqual([{ why: null, amount: 20 }]);
  });
});

describe("a price that changes", () => {
  test("says until when and for how many more, fee included", () => {
    const words = changeWords(
      {
        index: 0,
        name: "A",
        color: null,
        price: eur(4000),
        fee: eur(200),
        tax_bp: 0,
        per_buyer: null,
        price_change: {
          at: "2027-06-12T18:00:00Z",
          price_then: eur(4800),
          after_sold: 1,
          price_after: eur(5000),
        },
      },
      "Europe/Berlin",
    );
    expect(words).toHaveLength(2);
    expect(words[0]).toMatch(/^until .*(20:00|8:00).*, then €50\.00$/);
    expect(words[1]).toBe("1 left at this price, then €52.00");
  });
  test("has the time alone on the day itself", () => {
    const now = Date.parse("2027-06-12T08:00:00Z");
    expect(soonDate("2027-06-12T18:00:00Z", "UTC", "en-GB", now)).toBe("18:00");
    expect(soonDate("2027-06-14T18:00:00Z", "UTC", "en-GB", now)).toMatch(/14 Jun.*18:00/);
  });
});

describe("a promo code that is refused", () => {
  const refused = (more: object) =>
    promoWord(
      new Problem("promo_not_valid", 409, {
        type: "t",
        title: "t",
        status: 409,
        code: "promo_not_valid",
        ...more,
      }),
      "UTC",
      Date.parse("2027-06-12T08:00:00Z"),
    );
  test("says from when or until when it works", () => {
    const valid_from = "2027-06-13T08:00:00Z";
    const valid_until = "2027-06-11T08:00:00Z";
    expect(refused({ valid_from, valid_until: null })).toMatch(/^This code works from .*13/);
    expect(refused({ valid_from: null, valid_until })).toMatch(/^This code worked until .*11/);
    expect(refused({ valid_from: null, valid_until: null })).toBe(
      "This code is not valid at this time.",
    );
  });
});

describe("ways to pay", () => {
  const choice = { card: "pm_card_visa", debit: "pm_success_de", name: " ", email: "a@b.example" };
  test("are told to the provider in its own fields", () => {
    expect(meansOf({ way: "card", ...choice })).toEqual({ payment_method: "pm_card_visa" });
    expect(meansOf({ way: "sepa_debit", ...choice }).payment_method).toBe("pm_success_de");
    expect(meansOf({ way: "ideal", ...choice })).toEqual({
      "payment_method_data[type]": "ideal",
      "payment_method_data[billing_details][name]": "a@b.example",
    });
  });
});

describe("an order", () => {
  test("offers payment while it is open and other seats once it is over", () => {
    expect(nextOf({ state: "pending", reason: "declined" })).toBe("pay");
    expect(nextOf({ state: "expired", reason: "too_late_returned" })).toBe("choose");
    expect(nextOf({ state: "attention", reason: "disputed" })).toBeNull();
    expect(nextOf({ state: "processing", reason: "bank_takes_time" })).toBeNull();
  });
  test("tells a refund of all from one of a part", () => {
    expect(toldOf({ state: "refunded", reason: "refunded" })).toBe("told.refunded");
    expect(toldOf({ state: "partially_refunded", reason: "refunded" })).toBe(
      "told.refunded_in_part",
    );
    expect(titleOf({ state: "refunded", reason: "late_refunded" })).toBe("order.late");
  });
  test("says by when it is settled, where that is known", () => {
    const at = "2027-06-01T17:30:00.000Z";
    const waits = { expires_at: at, review_until: null };
    expect(untilOf({ ...waits, state: "processing" })).toEqual({ say: "order.keptUntil", at });
    expect(untilOf({ ...waits, state: "pending" })).toBeNull();
    expect(untilOf({ state: "attention", expires_at: null, review_until: at })).toEqual({
      say: "order.reviewUntil",
      at,
    });
    expect(untilOf({ state: "attention", expires_at: null, review_until: null })).toBeNull();
  });
  test("is looked at again while something is on its way", () => {
    const paid = { state: "paid", reason: "paid", refunds: [] } as const;
    expect(lookAgainMs({ ...paid, refunds: [] }, 1)).toBeNull();
    const refund = { id: "r", state: "pending" as const, amount: eur(1) };
    expect(lookAgainMs({ ...paid, refunds: [refund] }, 99)).toBe(15_000);
    expect(lookAgainMs({ state: "pending", reason: "to_pay", refunds: [] }, 99)).toBe(5000);
  });
});

describe("a span in words", () => {
  test("is in its largest unit", () => {
    expect(spanWords(45, "en")).toBe("45 seconds");
    expect(spanWords(300, "en")).toBe("5 minutes");
    expect(spanWords(5 * 86400, "en")).toBe("5 days");
  });
});
