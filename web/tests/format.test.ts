import { describe, expect, test } from "vitest";
import {
  begun,
  clock,
  count,
  dateParts,
  datePieces,
  longDate,
  money,
  plus,
  soonDate,
  span,
  spanWords,
  zonedDate,
} from "../src/i18n/format.ts";

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

describe("each language", () => {
  const at = "2027-06-12T18:30:00Z";
  const TAGS = ["en-GB", "en-US", "de-DE", "de-AT", "es-ES", "es-MX", "fr-FR", "fr-CH"];
  const told = (write: (tag: string) => string): Record<string, string> =>
    Object.fromEntries(TAGS.map((tag) => [tag, plain(write(tag))]));

  test("writes money its own way, to the cent", () => {
    expect(told((tag) => money({ amount: 1234550, currency: "EUR" }, { tag }))).toMatchObject({
      "en-GB": "€12,345.50",
      "en-US": "€12,345.50",
      "de-DE": "12.345,50 €",
      "de-AT": "€ 12.345,50",
      "es-ES": "12.345,50 €",
      "es-MX": "EUR 12,345.50",
      "fr-FR": "12 345,50 €",
    });
    expect(told((tag) => money({ amount: 8500, currency: "USD" }, { tag, short: true }))).toMatchObject({
      "en-US": "$85",
      "de-DE": "85 $",
      "es-ES": "85 US$",
      "fr-FR": "85 $US",
    });
  });

  test("writes a date its own way, at the venue", () => {
    expect(told((tag) => longDate(at, "Europe/Madrid", tag))).toMatchObject({
      "en-GB": "Sat, 12 June 2027 at 20:30",
      "de-DE": "Sa., 12. Juni 2027 um 20:30",
      "es-ES": "sáb, 12 de junio de 2027, 20:30",
      "fr-FR": "sam. 12 juin 2027 à 20:30",
    });
    expect(told((tag) => longDate(at, "Europe/Madrid", tag))["en-US"]).toMatch(/June 12, 2027.* 8:30 PM/);
  });

  test("takes a date apart without losing a sign of it", () => {
    const whole = (tag: string): string =>
      datePieces(at, "Europe/Madrid", { tag })
        .map(({ group, text }) => (group === "between" ? text : `<${text}>`))
        .join("");
    expect(told(whole)).toMatchObject({
      "en-GB": "<Sat>, <12 Jun> <2027>, <20:30>",
      "de-DE": "<Sa.>, <12. Juni> <2027>, <20:30>",
      "es-ES": "<sáb>, <12 jun> <2027>, <20:30>",
      "fr-FR": "<sam.> <12 juin> <2027>, <20:30>",
    });
    const short = datePieces(at, "Europe/Madrid", { tag: "de-DE", year: false });
    expect(short.map(({ text }) => text).join("")).toBe("Sa., 12. Juni, 20:30");
  });

  test("names the venue's zone in words of its own when the reader is elsewhere", () => {
    for (const tag of TAGS) {
      const here = zonedDate(at, "Europe/Madrid", tag, "Europe/Berlin");
      const away = zonedDate(at, "Europe/Madrid", tag, "America/New_York");
      expect(away.startsWith(`${here} `), tag).toBe(true);
    }
    expect(zonedDate(at, "Europe/Madrid", "de-DE", "Asia/Tokyo")).toMatch(/MESZ$/);
  });

  test("writes a span and a count its own way", () => {
    expect(told((tag) => spanWords(300, tag))).toMatchObject({
      "en-GB": "5 minutes",
      "de-DE": "5 Minuten",
      "es-ES": "5 minutos",
      "fr-FR": "5 minutes",
    });
    expect(told((tag) => spanWords(60, tag))).toMatchObject({
      "de-DE": "1 Minute",
      "es-ES": "1 minuto",
      "fr-FR": "1 minute",
    });
    expect(told((tag) => count(70_000, tag))).toMatchObject({
      "en-GB": "70,000",
      "de-DE": "70.000",
      "es-ES": "70.000",
      "fr-FR": "70 000",
    });
  });

  test("tells a moment of today by its time alone", () => {
    const now = Date.parse("2027-06-12T08:00:00Z");
    expect(told((tag) => soonDate(at, "Europe/Madrid", tag, now))).toMatchObject({
      "de-DE": "20:30",
      "es-ES": "20:30",
      "fr-FR": "20:30",
    });
    expect(soonDate(at, "Europe/Madrid", "de-DE", now - 86_400_000)).toBe("Sa., 12. Juni, 20:30");
    // The venue's day counts, not the reader's.
    expect(soonDate("2027-06-12T23:30:00Z", "Asia/Tokyo", "de-DE", now)).toContain("13. Juni");
  });

  test("begins a sentence with its own capital letter", () => {
    expect([begun("ihre", "de-DE"), begun("été", "fr-FR"), begun("", "es-ES")]).toEqual([
      "Ihre",
      "Été",
      "",
    ]);
  });
});
