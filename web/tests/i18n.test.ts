import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Order } from "../src/api/types.ts";
import { choose, figuresTag, kept, keptAs, LANGUAGES } from "../src/i18n/choice.ts";
import { de } from "../src/i18n/de.ts";
import { en } from "../src/i18n/en.ts";
import { es } from "../src/i18n/es.ts";
import { fr } from "../src/i18n/fr.ts";
import type { Catalogue, Key, Message } from "../src/i18n/index.ts";
import { fill, show, t } from "../src/i18n/index.ts";
import { titleOf, toldOf } from "../src/pages/order/words.ts";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** Codes of x-problems in the contract: the lines "  code: {status: ...". */
function contractCodes(): string[] {
  const text = readFileSync(resolve(web, "../api/openapi.yaml"), "utf8");
  const section = text.slice(text.indexOf("\nx-problems:"), text.indexOf("\ncomponents:"));
  return [...section.matchAll(/^ {2}(\w+): \{status:/gm)].map((found) => found[1]);
}

/** What the API says of orders: the lines `{"state", "reason", "message"}` of its table. */
function ordersTold(): Pick<Order, "state" | "reason" | "message">[] {
  const text = readFileSync(resolve(web, "../src/api/order_json.c"), "utf8");
  const table = text.slice(text.indexOf("table[REASON_COUNT]"), text.indexOf("\n};\n\nbool"));
  return [...table.matchAll(/\{"(\w+)",\s*"(\w+)",\s*((?:"[^"]*"\s*)+)\}/g)].map((found) => ({
    state: found[1] as Order["state"],
    reason: found[2] as Order["reason"],
    message: [...found[3].matchAll(/"([^"]*)"/g)].map((piece) => piece[1]).join(""),
  }));
}

const forms = (message: Message): string[] =>
  typeof message === "string" ? [message] : [message.one, message.other];

describe("the catalogue", () => {
  test("has words for every code of the contract", () => {
    const codes = contractCodes();
    expect(codes.length).toBeGreaterThan(40);
    for (const code of codes) expect(en, code).toHaveProperty([`problem.${code}`]);
  });

  test("has words for every state of events, sales and orders", () => {
    for (const status of ["upcoming", "on_sale", "paused", "sold_out", "closed", "past"])
      expect(en).toHaveProperty([`status.${status}`]);
    for (const { state, reason } of ordersTold()) {
      expect(en).toHaveProperty([titleOf({ state, reason })]);
    }
  });

  test("tells of an order in the API's own words", () => {
    const told = ordersTold();
    expect(told.length).toBeGreaterThan(15);
    for (const { state, reason, message } of told) {
      const key = toldOf({ state, reason });
      if (key !== null) expect(en[key], reason).toBe(`${message}.`);
    }
  });

  test("has no text that no page uses", () => {
    const source = files(join(web, "src"))
      .filter((path) => /\.tsx?$/.test(path) && !/i18n.(en|de|es|fr)\.ts$/.test(path))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    // Keys that pages put together from a code, a state or a kind.
    const built =
      /^(problem|status|card|way|debit|refund|told|page)\.|^order\.(pending|failed|cancelled|expired|refunded|partially_refunded|attention)$|^event\.sold_out$|^seats\.(accessible|companion|restricted_view|vip)$/;
    for (const key of Object.keys(en))
      if (!source.includes(`"${key}"`)) expect(key, "is used nowhere").toMatch(built);
  });
});

const CATALOGUES: Record<(typeof LANGUAGES)[number], Catalogue> = { en, de, es, fr };
const KEYS = Object.keys(en) as Key[];
const every = Object.entries(CATALOGUES).flatMap(([language, texts]) =>
  KEYS.flatMap((key) => forms(texts[key] ?? "").map((text) => ({ language, key, text }))),
);

/** Words that are the same in another language: names, loan words, what is hardly a word. */
const SAME =
  /^(app\.name|way\.(ideal|bancontact)|card\.|debit\.|package\.(named|of)|seats\.(vip|keyVip|withKind)|areas\.several)/;
const SAME_WORDS: Partial<Record<string, Key[]>> = {
  de: ["checkout.name", "tickets.count"],
  es: ["event.minutes", "checkout.total"],
  fr: ["event.minutes", "checkout.email", "checkout.total"],
};

const placesIn = (text: string): string[] => [...new Set(text.match(/\{\w*\}/g) ?? [])].sort();

describe("every catalogue", () => {
  test("has the keys of the English one, in its order, and no others", () => {
    for (const texts of Object.values(CATALOGUES)) expect(Object.keys(texts)).toEqual(KEYS);
  });

  test("has a plural where the English one has", () => {
    for (const [language, texts] of Object.entries(CATALOGUES))
      for (const key of KEYS)
        expect(typeof texts[key], `${language} ${key}`).toBe(typeof en[key]);
  });

  test("has the same places for values in each form", () => {
    for (const { language, key, text } of every)
      expect(placesIn(text), `${language} ${key}`).toEqual(placesIn(forms(en[key])[0]));
  });

  test("is translated", () => {
    for (const { language, key, text } of every) {
      if (language === "en" || SAME.test(key) || SAME_WORDS[language]?.includes(key)) continue;
      expect(forms(en[key]), `${language} ${key}`).not.toContain(text);
    }
  });

  test("is calm: no 'oops', no exclamation marks, no empty text, no stray space", () => {
    for (const { language, key, text } of every) {
      expect(text.trim(), `${language} ${key}`).not.toBe("");
      expect(text, `${language} ${key}`).not.toMatch(/oops|!|¡|^\s|\s$| {2}/i);
    }
  });

  test("is set as its language sets type", () => {
    for (const { language, key, text } of every) {
      const where = `${language} ${key}: ${text}`;
      // The API's own sentences are plain ASCII.
      if (language !== "en" || !key.startsWith("told."))
        expect(text, where).not.toMatch(/['"`]|\.\.\./);
      if (language === "de") expect(text, where).not.toMatch(/[”«»]|“(?=\p{L})/u);
      if (language === "es" && text.includes("?")) expect(text, where).toContain("¿");
      // A narrow no-break space before high marks and inside quotes, a no-break space before a colon.
      if (language === "fr") expect(text, where).not.toMatch(/[^\u202f][?;»]|[^\u00a0]:|«[^\u202f]/);
    }
  });

  test("addresses readers formally", () => {
    // Only what a reader sends to friends is in their own words.
    const theirs: Key[] = ["order.shareText"];
    const familiar = {
      de: /\b(du|dich|dir|dein\w*|euch|euer\w*)\b/i,
      es: /(?<!\p{L})(tú|tus?|te|ti|vosotros|vuestr\w*)(?!\p{L})/iu,
      fr: /(?<!\p{L})(tu|te|toi|ton|ta|tes)(?!\p{L})|\bt’/iu,
    };
    for (const { language, key, text } of every)
      if (language in familiar && !theirs.includes(key))
        expect(text, `${language} ${key}`).not.toMatch(familiar[language as "de"]);
  });

  test("is written in letters that the type family has", () => {
    const script = readFileSync(resolve(web, "scripts/prepare.mjs"), "utf8");
    const special = /"(À[^"]+)"/.exec(script)?.[1].replaceAll("\\u00a0", "\u00a0").replaceAll("\\u202f", "\u202f");
    for (const { language, key, text } of every)
      for (const letter of text)
        if (letter > "~") expect(special, `${language} ${key}`).toContain(letter);
  });
});

describe("the reader's language", () => {
  test("is what the address names, then what was chosen, then the browser's first that we have", () => {
    expect(choose("", "", ["de-AT", "en"])).toBe("de");
    expect(choose("", "", ["sv", "fr-CA", "de"])).toBe("fr");
    expect(choose("", "", ["ja"])).toBe("en");
    expect(choose("", "", [])).toBe("en");
    expect(choose("", "a=b; onsale_language=es", ["de"])).toBe("es");
    expect(choose("", "onsale_language=xx", ["de"])).toBe("de");
    expect(choose("", "not_onsale_language=es", ["de"])).toBe("de");
    expect(choose("?q=1&lang=fr", "onsale_language=es", ["de"])).toBe("fr");
    expect(choose("?lang=sv", "", ["de"])).toBe("de");
  });

  test("is kept as it was chosen", () => {
    for (const language of LANGUAGES) {
      expect(kept(keptAs(language, true).split(";")[0])).toBe(language);
      expect(keptAs(language, true)).toMatch(/; SameSite=Lax; Secure$/);
      expect(keptAs(language, false)).not.toContain("Secure");
    }
  });

  test("writes figures as the reader's region does", () => {
    expect(figuresTag("de", ["de-AT", "en"])).toBe("de-AT");
    expect(figuresTag("en", ["sv-SE", "en-GB"])).toBe("en-GB");
    expect(figuresTag("en", ["sv-SE"])).toBe("en-SE");
    expect(figuresTag("es", ["es", "en-US"])).toBe("es");
    expect(figuresTag("fr", [])).toBe("fr");
  });

  test("changes words, plural and figures at once", () => {
    const seats = (n: number): string => t("tickets.count", { n });
    show("fr", fr);
    expect([seats(0), seats(1), seats(2)]).toEqual(["0 billet", "1 billet", "2 billets"]);
    show("es", es);
    expect([seats(0), seats(1), seats(2)]).toEqual(["0 entradas", "1 entrada", "2 entradas"]);
    show("de", de);
    expect([seats(0), seats(1), seats(2)]).toEqual(["0 Tickets", "1 Ticket", "2 Tickets"]);
    show("en", en);
    expect([seats(0), seats(1), seats(2)]).toEqual(["0 tickets", "1 ticket", "2 tickets"]);
  });
});

describe("filling a message", () => {
  test("puts values in and leaves unknown places alone", () => {
    expect(fill("Row {row} seat {seat}", { row: 12, seat: "8" }, "other")).toBe("Row 12 seat 8");
    expect(fill("{x} {y}", { x: 1 }, "other")).toBe("1 {y}");
  });
  test("keeps a name from right to left from turning what stands around it", () => {
    const spoken = fill("{section}, row {row}", { section: "الشرفة", row: "A" }, "other");
    expect(spoken).toBe("\u2068الشرفة\u2069, row A");
  });
  test("writes numbers as the reader does", () => {
    expect(t("seats.sectionOption", { name: "A", n: 1234 })).toBe("A: 1,234 left");
    show("de", de);
    expect(t("seats.sectionOption", { name: "A", n: 1234 })).toBe("A: noch 1.234");
    show("en", en);
  });
  test("takes the plural's form", () => {
    const message = { one: "{n} seat", other: "{n} seats" };
    expect(fill(message, { n: 1 }, "one")).toBe("1 seat");
    expect(fill(message, { n: 2 }, "other")).toBe("2 seats");
  });
});
