// The pages that the server writes (src/site, src/app/site.c) against those that the script draws.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EventDetail } from "../src/api/types.ts";
import { de } from "../src/i18n/de.ts";
import { en } from "../src/i18n/en.ts";
import { es } from "../src/i18n/es.ts";
import { fr } from "../src/i18n/fr.ts";

const read = (path: string): string => readFileSync(resolve(__dirname, "..", path), "utf8");

describe("the server's pages", () => {
  it("are at every address that the script's router knows", () => {
    const known = new Set(
      Array.from(read("../src/app/site.c").matchAll(/\{"(\/[^"]*)", PAGE_\w+\}/g), (found) => found[1]),
    );
    const drawn = Array.from(read("src/app/app.tsx").matchAll(/pattern: "([^"]+)"/g), (found) =>
      found[1]?.replace(/:\w+/g, ":"),
    );
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.filter((pattern) => !known.has(pattern))).toEqual([]);
  });

  it("say in each language what the script says there, too", () => {
    const catalogues = [en, de, es, fr] as Record<string, unknown>[];
    const flat = (text: unknown): string =>
      typeof text === "string" ? text.replace("{date}", "{when}") : "";
    const keys = Object.keys(en).filter((key) => !key.startsWith("problem."));
    let same = 0;
    const different: string[] = [];
    for (const [, name, body] of read("../src/site/words.c").matchAll(
      /\[(WORD_\w+)\] =\s*\{((?:\s*"(?:[^"\\]|\\.)*",?)+)\}/g,
    )) {
      const words = (body ?? "")
        .split(/",\s*(?=")/)
        .map((part) => Array.from(part.matchAll(/"((?:[^"\\]|\\.)*)"?/g), (found) => found[1]).join(""));
      expect(words, name).toHaveLength(4);
      const candidates = keys.filter((key) => flat((en as Record<string, unknown>)[key]) === words[0]);
      if (candidates.length === 0) continue;
      const said = candidates.some((key) => words.every((word, i) => word === flat(catalogues[i]?.[key])));
      if (said) same++;
      else different.push(`${name}: ${words.join(" | ")}`);
    }
    expect(different).toEqual([]);
    expect(same).toBeGreaterThan(20);
  });

  it("have the same name mark", () => {
    const paths = (text: string): string[] =>
      Array.from(text.matchAll(/\bd="(M[^"]+)"/g), (found) => found[1] ?? "");
    const mark = paths(read("src/design/mark.tsx"));
    expect(mark.length).toBeGreaterThan(0);
    expect(paths(read("index.html"))).toEqual(mark);
  });

  it("are reached by ordinary links where they have no script", () => {
    const router = read("src/app/router.ts");
    for (const name of ["imprint", "terms", "privacy"]) expect(router).toContain(name);
  });
});

describe("what the document was given", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  const given = async (value: unknown): Promise<typeof import("../src/api/given.ts")> => {
    vi.stubGlobal("document", {
      getElementById: (id: string) => (id === "given" ? { textContent: JSON.stringify(value) } : null),
    });
    return import("../src/api/given.ts");
  };
  const event = { id: "evt_1" } as EventDetail;

  it("is the first page's event, once", async () => {
    const { givenEvent, givenEvents } = await given({ event });
    expect(givenEvent("evt_1")).toEqual(event);
    expect(givenEvent("evt_1")).toBeNull();
    expect(givenEvents()).toBeNull();
  });

  it("is not another event's", async () => {
    const { givenEvent } = await given({ event });
    expect(givenEvent("evt_2")).toBeNull();
    expect(givenEvent("evt_1")).toBeNull();
  });

  it("is nothing when somebody went back to the document", async () => {
    const back = { type: "back_forward" } as unknown as PerformanceEntry;
    vi.spyOn(performance, "getEntriesByType").mockReturnValue([back]);
    const { givenEvent } = await given({ event });
    expect(givenEvent("evt_1")).toBeNull();
    vi.restoreAllMocks();
  });

  it("is nothing in a document that has none", async () => {
    vi.stubGlobal("document", { getElementById: () => null });
    const { givenEvents } = await import("../src/api/given.ts");
    expect(givenEvents()).toBeNull();
  });
});
