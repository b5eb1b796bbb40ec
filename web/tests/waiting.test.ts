// The waiting page's own arithmetic: the draw, the words for a wait, when to ask again, where one
// stands.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @ts-expect-error It is for everybody, in plain JavaScript.
import { commitment as promised, draw as script } from "../../docs/draw.mjs";
import { rankOf } from "../src/waiting/draw.ts";
import { delayMs, patienceMs } from "../src/waiting/poll.ts";
import { makeSha } from "../src/waiting/sha.ts";
import { drawnFor, standing } from "../src/waiting/standing.ts";
import type { Place, Status } from "../src/waiting/types.ts";
import { timeWords, waitWords } from "../src/waiting/wait.ts";
import { de } from "../src/waiting/words/de.ts";
import { en } from "../src/waiting/words/en.ts";
import { es } from "../src/waiting/words/es.ts";
import { fr } from "../src/waiting/words/fr.ts";
import { base64url, solve } from "../src/waiting/work.ts";

interface Lobby {
  seed: string;
  chainHash: string;
  count: number;
  lane: number;
}
const draw = script as (lobby: Lobby) => (number: number) => number;
const commitment = promised as (seed: string) => string;

const { hash } = makeSha();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Bytes that look random and are the same each time. */
const some = (name: string): Buffer => sha256(Buffer.from(name));

describe("SHA-256", () => {
  test("is Node's for every length around the blocks' ends", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = new Uint8Array(length).map((_, i) => (i * 31 + length) % 256);
      expect(hex(hash(bytes))).toBe(sha256(bytes).toString("hex"));
    }
  });
});

describe("the draw", () => {
  const seed = some("seed").toString("hex");
  const chain_hash = some("chain").toString("hex");

  test("is the script's for 10,000 places of lobbies of every size", async () => {
    const counts = [1, 2, 3, 4, 5, 16, 17, 1000, 65_537, 1_000_000, 14_000_000];
    for (let sample = 0; sample < 10_000; sample++) {
      const count = counts[sample % counts.length];
      const lane = sample % 2;
      const number = some(`number ${sample}`).readUInt32LE() % (count + 2);
      const theirs = draw({ seed, chainHash: chain_hash, count, lane })(number);
      expect(await rankOf(hash, { seed, chain_hash, count, lane }, number)).toBe(theirs);
    }
  }, 60_000);

  test("gives every place of a lobby a turn of its own", async () => {
    const turns = new Set<number>();
    for (let number = 0; number < 1000; number++)
      turns.add(await rankOf(hash, { seed, chain_hash, count: 1000, lane: 0 }, number));
    expect(turns.size).toBe(1000);
    expect(Math.max(...turns)).toBe(999);
  });

  test("has another order in each lane", async () => {
    const order = (lane: number): Promise<number[]> =>
      Promise.all([0, 1, 2, 3, 4, 5].map((n) => rankOf(hash, { seed, chain_hash, count: 500, lane }, n)));
    expect(await order(0)).not.toEqual(await order(1));
  });

  test("stands by what was promised", () => {
    expect(hex(hash(new Uint8Array(Buffer.from(seed, "hex"))))).toBe(commitment(seed));
  });
});

describe("work", () => {
  test("is found, told, and written as the server reads it", () => {
    const challenge = "A".repeat(48);
    const told: number[] = [];
    const solution = solve(makeSha(), { challenge, puzzles: 4, bits: 6 }, (n) => told.push(n));
    expect(told).toEqual([1, 2, 3, 4]);
    const seed = sha256(Buffer.from(challenge));
    for (let i = 0; i < 4; i++) {
      const tried = sha256(Buffer.concat([seed, Buffer.from([i]), solution.subarray(i * 4, i * 4 + 4)]));
      expect(tried[0] >> 2).toBe(0);
    }
    expect(base64url(solution)).toBe(Buffer.from(solution).toString("base64url"));
  });
});

describe("words for a wait", () => {
  test.each([
    [1, 600, 600, "Less than a minute"],
    [600, 300, 900, "Up to 2 minutes"],
    [1000, 100, 200, "About 5 to 10 minutes"],
    [100, 100, 100, "Less than a minute"],
    [500, 100, 100, "About 5 minutes"],
    [2300, 50, 100, "About 20 to 50 minutes"],
    [1000, 8, 20, "About 50 minutes to 2½ hours"],
    [1000, 10, 16, "About 1 to 2 hours"],
    [6000, 10, 20, "About 5 to 10 hours"],
    [100_000, 10, 20, "More than 12 hours"],
    [10_000, 1, 20, "More than 8 hours"],
    [100, 0, 20, "More than 5 minutes"],
    [10, 0, 20, ""],
    [10, 0, 0, ""],
  ])("%i places at %i to %i a minute: %s", (ranks, low, high, words) => {
    expect(waitWords(ranks, { low, high, sooner: 0, later: 0 })).toBe(words);
  });

  test.each([
    [50, 3, 25, "Less than a minute"],
    [50, 3, 40, "Up to 2 minutes"],
    [700, 3, 25, "About 6 to 8 minutes"],
    [700, 61, 25, "About 5 to 8 minutes"],
    [10, 3600, 0, "Less than a minute"],
  ])("%i places, %i s sooner or %i s later: %s", (ranks, sooner, later, words) => {
    const rate = { low: 100, high: 100, sooner: sooner, later: later };
    expect(waitWords(ranks, rate)).toBe(words);
  });

  test("never promise less or more than was measured", () => {
    const minutes = (words: string): number[] =>
      [...words.matchAll(/(\d*)(½?)( to| minute| hour)/g)].map(
        ([, whole, half, unit]) =>
          (Number(whole) + (half ? 0.5 : 0)) *
          (unit === " hour" || (unit === " to" && /hour/.test(words)) ? 60 : 1),
      );
    for (let ranks = 1; ranks < 20_000; ranks += 37) {
      const rate = { low: 40, high: 70, sooner: 10, later: 30 };
      const words = waitWords(ranks, rate);
      if (!words.startsWith("About") || /minutes to/.test(words)) continue;
      const [low, high = low] = minutes(words);
      expect(low, words).toBeLessThanOrEqual(ranks / 70 - 1 / 6);
      expect(high, words).toBeGreaterThanOrEqual(ranks / 40 + 1 / 2);
    }
  });
});

describe.each([
  [de, ["30 Sekunden", "2 Minuten", "Weniger als eine Minute", "Bis zu 2 Minuten", "Etwa 50 Minuten bis 2½ Stunden", "Etwa 1 bis 2 Stunden", "Mehr als 12 Stunden"]],
  [es, ["30 segundos", "2 minutos", "Menos de un minuto", "Hasta 2 minutos", "De 50 minutos a 2½ horas", "De 1 a 2 horas", "Más de 12 horas"]],
  [fr, ["30 secondes", "2 minutes", "Moins d’une minute", "Jusqu’à 2 minutes", "Environ 50 minutes à 2½ heures", "Environ 1 à 2 heures", "Plus de 12 heures"]],
])("words for a wait in another language", (words, told) => {
  beforeAll(() => {
    globalThis.WORDS = words;
  });
  afterAll(() => {
    globalThis.WORDS = en;
  });
  test(words.tag, () => {
    const wait = (ranks: number, low: number, high: number): string =>
      waitWords(ranks, { low, high, sooner: 0, later: 0 });
    expect([
      timeWords(30),
      timeWords(120),
      wait(1, 600, 600),
      wait(600, 300, 900),
      wait(1000, 8, 20),
      wait(1000, 10, 16),
      wait(100_000, 10, 20),
    ].map((each) => each.replace(/[\u00a0\u202f]/g, " "))).toEqual(told);
  });
});

describe("the waiting page's words", () => {
  const all = { de, es, fr };
  const keys = Object.keys(en) as (keyof typeof en)[];
  const places = (text: string): number => text.split("{}").length;

  test("are the same in each language: keys, their order, places for values", () => {
    for (const words of Object.values(all)) {
      expect(Object.keys(words)).toEqual(keys);
      for (const key of keys) expect(places(words[key]), `${words.tag} ${key}`).toBe(places(en[key]));
    }
  });

  test("are translated and calm, and fit into attributes", () => {
    for (const words of Object.values(all))
      for (const key of keys) {
        if (!(words.tag === "de" && key === "code") && !(words.tag === "fr" && key === "code"))
          expect(words[key], `${words.tag} ${key}`).not.toBe(en[key]);
        expect(words[key], `${words.tag} ${key}`).not.toMatch(/[!<>"&']/);
      }
  });

  test("are all used", () => {
    const folder = resolve(dirname(fileURLToPath(import.meta.url)), "../src/waiting");
    const source = ["page.ts", "more.ts", "person.ts", "wait.ts", "words.ts", "page.html"]
      .map((name) => readFileSync(resolve(folder, name), "utf8"))
      .join();
    for (const key of keys) expect(source, key).toMatch(new RegExp(`WORDS\\.${key}\\b|\\{${key}\\}`));
  });
});

test("a time that is known is told in seconds, then in whole minutes", () => {
  expect([30, 60, 119, 120, 179, 600].map(timeWords)).toEqual([
    "30 seconds",
    "60 seconds",
    "119 seconds",
    "2 minutes",
    "2 minutes",
    "10 minutes",
  ]);
});

describe("asking again", () => {
  test("comes at everybody's own moment around the seconds that were told", () => {
    expect(delayMs(20, false, 0, 0)).toBe(15_000);
    expect(delayMs(20, false, 0, 0.999)).toBeLessThan(25_000);
  });
  test("comes more often when the turn is close", () => {
    expect(delayMs(60, true, 0, 0.5)).toBe(3000);
    expect(delayMs(2, true, 0, 0.5)).toBe(2000);
  });
  test("comes soon after what changes by itself, and not with everybody else", () => {
    expect(delayMs(60, false, 5000, 0)).toBe(5000);
    expect(delayMs(60, false, 5000, 0.5)).toBe(35_000);
    expect(delayMs(60, false, 90_000, 0.5)).toBe(60_000);
    expect(delayMs(60, false, -1, 0.5)).toBe(60_000);
  });
  test("becomes rarer when nothing comes, up to a minute and a half", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 20].map((n) => patienceMs(n, 0, 0.5));
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(patienceMs(1, 0, 0)).toBe(1000);
  });
  test("waits as long as the server asked for", () => {
    expect(patienceMs(1, 30_000, 0.5)).toBe(30_000);
  });
});

describe("where one stands", () => {
  const status = (more: Partial<Status>): Status => ({
    state: "queue",
    phase: "line",
    per_minute: 75,
    admission_seconds: 900,
    lobby_opens_at: null,
    opens_at: null,
    called: 100,
    waiting: 900,
    count: 1000,
    rate: { low: 50, high: 100, sooner: 3, later: 20 },
    paused: false,
    reason: "rate",
    claim_seconds: 120,
    poll_seconds: 5,
    as_of: "2030-01-01T00:00:00.000Z",
    ...more,
  });
  const place = (more: Partial<Place>): Place => ({
    number: 700,
    lane: "general",
    rank: 500,
    state: "waiting",
    closes_in_ms: null,
    ...more,
  });

  test("is rank less called, with the preferred lane before", () => {
    const now = standing(status({ priority: { called: 5, waiting: 40, count: 45 } }), place({}));
    expect(now).toMatchObject({ kind: "line", ahead: 400, before: 440, near: false });
  });
  test("in the preferred lane counts that lane alone", () => {
    const now = standing(
      status({ priority: { called: 5, waiting: 40, count: 45 } }),
      place({ lane: "priority", rank: 20 }),
    );
    expect(now).toMatchObject({ kind: "line", ahead: 15, before: 15, near: true });
  });
  test("in the preferred lane is not called by an older status, which has no such lane", () => {
    const now = standing(status({ called: 100 }), place({ lane: "priority", rank: 20 }));
    expect(now).toMatchObject({ kind: "line", ahead: 20 });
  });
  test("is called from its rank on, without a word of the server", () => {
    expect(standing(status({ called: 500 }), place({})).kind).toBe("line");
    expect(standing(status({ called: 501 }), place({})).kind).toBe("called");
  });
  test("waits for the draw while its turn is not known", () => {
    expect(standing(status({ phase: "drawing" }), place({ rank: null })).kind).toBe("drawing");
    expect(standing(status({}), place({ rank: null })).kind).toBe("drawing");
  });
  test.each([
    ["lobby", "lobby", "lobby"],
    ["line", "missed", "missed"],
    ["line", "admitted", "in"],
    ["line", "over", "over"],
    ["line", "left", "left"],
    ["ended", "waiting", "ended"],
    ["off", "waiting", "open"],
    ["soon", "lobby", "soon"],
  ] as const)("in phase %s with a place that is %s: %s", (phase, state, kind) => {
    expect(standing(status({ phase }), place({ state })).kind).toBe(kind);
  });
  test("without a place is an invitation", () => {
    expect(standing(status({}), null).kind).toBe("none");
    expect(standing(status({ phase: "soon" }), null).kind).toBe("soon");
  });
  test("draws by the count of its own lane, and not before the lobby closed", () => {
    const draw = { commitment: "", seed: "aa", chain_hash: "bb", count: 9, priority_count: 3 };
    expect(drawnFor(status({ draw, phase: "lobby" }), place({}))).toBeNull();
    expect(drawnFor(status({ draw }), place({}))).toMatchObject({ count: 9, lane: 0 });
    expect(drawnFor(status({ draw }), place({ lane: "priority" }))).toMatchObject({ count: 3, lane: 1 });
  });
  test("without a lobby has its turn by arrival", async () => {
    const drawn = drawnFor(status({ draw: { commitment: "" } }), place({}));
    expect(drawn && (await rankOf(hash, drawn, 700))).toBe(700);
  });
});
