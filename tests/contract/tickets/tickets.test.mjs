// Tickets as the rest of the world sees them: made by ticket_emit, read by others' readers, checked
// by a verifier that shares no code with ours. Run by run.sh, which names the program in TICKET_EMIT.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { check, decode, readKeys } from "./verify.mjs";

const COUNT = 200;
let folder, tickets, keys, served;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "onsale-tickets-"));
  execFileSync(process.env.TICKET_EMIT, [folder, String(COUNT)]);
  const made = JSON.parse(readFileSync(join(folder, "tickets.json"), "utf8"));
  tickets = made.tickets;
  served = made.keys;
  keys = new Map(Object.entries(made.keys).map(([event, list]) => [Number(event), readKeys(list)]));
});

after(() => rmSync(folder, { recursive: true, force: true }));

test(`an independent verifier accepts ${COUNT} of ${COUNT} and reads what was meant`, () => {
  assert.equal(tickets.length, COUNT);
  for (const { text, ...meant } of tickets)
    assert.deepEqual(check(decode(text), keys.get(meant.event)), meant);
});

test("both keys of an event that changed its key are in use and verify", () => {
  const ids = new Set(tickets.filter((t) => t.event === 3).map((t) => decode(t.text)[1]));
  assert.deepEqual([...ids].sort(), [1, 2]);
  assert.equal(served[3].length, 2);
});

test("an independent verifier refuses each of the 736 single-bit changes", () => {
  for (const { text, event } of tickets.slice(0, 10)) {
    const bytes = decode(text);
    let refused = 0;
    for (let bit = 0; bit < 736; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      if (check(bytes, keys.get(event)).refused) refused++;
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    assert.equal(refused, 736);
    assert.equal(check(bytes, keys.get(event)).refused, undefined);
  }
});

test("one event's keys refuse another event's tickets", () => {
  for (const { text, event } of tickets)
    for (const [other, list] of keys)
      if (other !== event) assert.ok(check(decode(text), list).refused);
});

test("the command-line verifier says yes to a ticket and no to a changed one", () => {
  const { text, event } = tickets[7];
  const file = join(folder, "served.json");
  writeFileSync(file, JSON.stringify({ keys: served[event] }));
  const run = (input) =>
    spawnSync(process.execPath, [new URL("verify.mjs", import.meta.url).pathname, file], { input });
  const yes = run(text + "\n");
  assert.equal(yes.status, 0, String(yes.stderr));
  assert.equal(JSON.parse(yes.stdout).ordinal, tickets[7].ordinal);
  const last = text.at(-1) === "0" ? "1" : "0";
  assert.equal(run(text.slice(0, -1) + last).status, 1);
  assert.equal(run(text + "0").status, 1);
});

test(`jsqr reads ${COUNT} of ${COUNT} pictures`, () => {
  const wrong = tickets.filter(({ text }, i) => {
    const png = PNG.sync.read(readFileSync(join(folder, `${i}.png`)));
    const found = jsqr(new Uint8ClampedArray(png.data), png.width, png.height);
    return found?.data !== text || found.version !== 6;
  });
  assert.equal(wrong.length, 0);
});

test(`zbar reads ${COUNT} of ${COUNT} pictures`, () => {
  const names = tickets.map((_, i) => join(folder, `${i}.png`));
  const out = execFileSync(
    "zbarimg",
    ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", ...names],
    { encoding: "latin1" },
  );
  assert.deepEqual(out.split("\n").slice(0, -1), tickets.map((t) => t.text));
});

// The vector picture is drawn from its own path, module by module, and read like the others.
test("the SVG shows the same modules as the PNG", () => {
  tickets.slice(0, 20).forEach(({ text }, i) => {
    const svg = readFileSync(join(folder, `${i}.svg`), "utf8");
    const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)[1]);
    assert.equal(side, 49);
    assert.equal(svg.match(/<path/g).length, 1);
    const scale = 4;
    const pixels = new Uint8ClampedArray((side * scale) ** 2 * 4).fill(255);
    for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      for (let py = y * scale; py < (Number(y) + 1) * scale; py++)
        for (let px = x * scale; px < (Number(x) + Number(run)) * scale; px++)
          pixels.fill(0, (py * side * scale + px) * 4, (py * side * scale + px) * 4 + 3);
    assert.equal(jsqr(pixels, side * scale, side * scale)?.data, text);
  });
});
