import { describe, expect, test } from "vitest";
import { clock, dateParts, longDate, money, plus, span, zonedDate } from "../src/i18n/format.ts";

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

describe("money", () => {
  test("has as many minor digits as its currency", () => {
    expect(money({ amount: 12550, currency: "EUR" }, { tag: "en" })).toBe("€125.50");
    expect(money({ amount: 12550, currency: "JPY" }, { tag: "en" })).toBe("¥12,550");
    expect(plain(money({ amount: 12550, currency: "KWD" }, { tag: "en" }))).toBe("KWD 12.550");
  });
  test("is written the reader's way", () => {
    expect(plain(money({ amount: 1255000, currency: "EUR" }, { tag: "de-DE" }))).toBe(
      "12.550,00 €",
    );
  });
  test("leaves out an empty fraction when short, and no other", () => {
    expect(money({ amount: 8500, currency: "EUR" }, { tag: "en", short: true })).toBe("€85");
    expect(money({ amount: 8550, currency: "EUR" }, { tag: "en", short: true })).toBe("€85.50");
  });
  test("adds in minor units", () => {
    expect(plus({ amount: 1, currency: "EUR" }, { amount: 2, currency: "EUR" }).amount).toBe(3);
  });
});

describe("time", () => {
  test("of an event is the venue's, wherever the reader is", () => {
    expect(plain(longDate("2027-06-12T17:30:00Z", "Europe/Kyiv", "en-GB"))).toContain("20:30");
    expect(dateParts("2026-12-31T23:30:00Z", "Europe/Vienna", "en-GB")).toMatchObject({
      day: "1",
      year: "2027",
    });
  });
  test("names its zone only where the reader's clock shows another time", () => {
    const told = (here: string): string =>
      plain(zonedDate("2027-06-12T17:30:00Z", "Europe/Vienna", "en-GB", here));
    expect(told("Europe/London")).toMatch(/19:30 CEST$/);
    expect(told("Europe/Vienna")).toMatch(/19:30$/);
    expect(told("Europe/Berlin")).toMatch(/19:30$/);
  });
  test("left is counted in begun seconds and never below zero", () => {
    expect(clock(600_000)).toBe("10:00");
    expect(clock(599_001)).toBe("10:00");
    expect(clock(61_000)).toBe("1:01");
    expect(clock(1)).toBe("0:01");
    expect(clock(-5)).toBe("0:00");
    expect(clock(3_723_000)).toBe("1:02:03");
  });
  test("until a sale is told in days, hours, minutes and seconds", () => {
    expect(span(((25 * 60 + 2) * 60 + 3) * 1000)).toEqual({
      days: 1,
      hours: 1,
      minutes: 2,
      seconds: 3,
    });
  });
});
