import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { en } from "../src/i18n/en.ts";
import type { Order } from "../src/api/types.ts";
import type { Message } from "../src/i18n/index.ts";
import { fill } from "../src/i18n/index.ts";
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
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith("en.ts"))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    // Keys that pages put together from a code, a state or a kind.
    const built =
      /^(problem|status|card|way|debit|refund|told)\.|^order\.(pending|failed|cancelled|expired|refunded|partially_refunded|attention)$|^event\.sold_out$|^seats\.(accessible|companion|restricted_view|vip)$/;
    for (const key of Object.keys(en))
      if (!source.includes(`"${key}"`)) expect(key, "is used nowhere").toMatch(built);
  });

  test("has the same places in both forms of a plural", () => {
    for (const [key, message] of Object.entries(en)) {
      const [first, ...others] = forms(message).map((form) =>
        [...form.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort(),
      );
      for (const other of others) expect(other, key).toEqual(first);
    }
  });

  test("is calm: no 'oops', no exclamation marks, no empty text", () => {
    for (const [key, message] of Object.entries(en))
      for (const form of forms(message)) {
        expect(form.trim(), key).not.toBe("");
        expect(form, key).not.toMatch(/oops|!/i);
      }
  });
});

describe("filling a message", () => {
  test("puts values in and leaves unknown places alone", () => {
    expect(fill("Row {row} seat {seat}", { row: 12, seat: "8" }, "other")).toBe("Row 12 seat 8");
    expect(fill("{x} {y}", { x: 1 }, "other")).toBe("1 {y}");
  });
  test("takes the plural's form", () => {
    const message = { one: "{n} seat", other: "{n} seats" };
    expect(fill(message, { n: 1 }, "one")).toBe("1 seat");
    expect(fill(message, { n: 2 }, "other")).toBe("2 seats");
  });
});
