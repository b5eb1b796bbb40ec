// The map of large halls: what it takes to fetch, how long a frame takes while it is moved, and that a
// seat can be picked there. Figures are printed, never asserted.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  address,
  check,
  DESKTOP,
  hold,
  openRow,
  pay,
  PHONE,
  pickFromRow,
  Skip,
  tickets,
  withBuyer,
} from "./lib.mjs";
import { organise, withToken } from "./organiser.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const SHARED = process.env.ONSALE_SHARED ?? resolve(here, "../../../../shared/data");
const DRAWN = join(SHARED, "stadium_geometry/allSeats.json");

const round = (n) => Math.round(n * 100) / 100;

/** A bowl of 70 sections with 40 rows of 25 seats on arcs: 70,000 seats, dearer towards the pitch. */
function bowl() {
  const categories = ["Front", "Lower", "Middle", "Upper", "Top"];
  const zones = [];
  for (let z = 0; z < 70; z++) {
    const rows = [];
    for (let r = 0; r < 40; r++) {
      const radius = 7600 + r * 40;
      const seats = [];
      for (let s = 0; s < 25; s++) {
        const angle = ((z * 27 + s) * 2 * Math.PI) / (70 * 27);
        seats.push({
          seat_guid: `${z + 1}-${r + 1}-${s + 1}`,
          seat_number: String(s + 1),
          position: { x: round(radius * Math.cos(angle)), y: round(radius * Math.sin(angle)) },
          category: categories[r >> 3],
        });
      }
      rows.push({ row_number: String(r + 1), seats });
    }
    zones.push({ name: `Section ${z + 1}`, position: { x: 9600, y: 9600 }, rows });
  }
  return plan("Bowl", 19200, 19200, categories, zones);
}

/** The drawn stadium of 16,054 seats. Those that stand on another one are moved aside. */
function drawnStadium() {
  if (!existsSync(DRAWN)) throw new Skip(`${DRAWN} is not there (ONSALE_SHARED names the folder)`);
  const zones = new Map();
  const taken = new Set();
  for (const { id, sid, rid, x, y } of Object.values(JSON.parse(readFileSync(DRAWN, "utf8")))) {
    let at = x;
    while (taken.has(`${at} ${y}`)) at += 1;
    taken.add(`${at} ${y}`);
    if (!zones.has(sid)) zones.set(sid, new Map());
    const rows = zones.get(sid);
    if (!rows.has(rid)) rows.set(rid, []);
    const seats = rows.get(rid);
    seats.push({
      seat_guid: `seat-${id}`,
      seat_number: String(seats.length + 1),
      position: { x: at, y },
      category: "Seat",
    });
  }
  return plan(
    "Drawn stadium",
    1201,
    932,
    ["Seat"],
    [...zones].map(([sid, rows]) => ({
      name: `Section ${Number(sid) + 1}`,
      position: { x: 0, y: 0 },
      rows: [...rows.values()].map((seats, r) => ({ row_number: String(r + 1), seats })),
    })),
  );
}

function plan(name, width, height, categories, zones) {
  return {
    name,
    size: { width, height },
    categories: categories.map((category) => ({ name: category, color: "#0072b2" })),
    zones: zones.map((zone, z) => ({
      zone_id: String(z + 1),
      areas: [],
      ...zone,
      rows: zone.rows.map((row) => ({
        row_number_position: "both",
        position: { x: 0, y: 0 },
        ...row,
      })),
    })),
  };
}

async function newEvent(world, hall) {
  const { id } = await organise(world, "POST", "", {
    name: hall.name,
    starts_at: "2031-06-07T20:00:00",
    timezone: "Europe/Madrid",
    venue: { name: hall.name, city: "Madrid", country: "ES" },
    currency: "EUR",
    price_categories: hall.categories.map(({ name }, i) => ({ name, price: 9000 - 1500 * i, fee: 450 })),
    plan: hall,
  });
  return id;
}

/** Runs in the page: drags the map to and fro for so many frames; what each took to draw, and how far
 * apart the frames came. */
function drag(frames) {
  return new Promise((done) => {
    const canvas = document.querySelector(".map canvas");
    const box = canvas.getBoundingClientRect();
    const at = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const send = (type) =>
      canvas.dispatchEvent(
        new PointerEvent(type, {
          bubbles: true,
          pointerId: 7,
          pointerType: "touch",
          isPrimary: true,
          button: type === "pointermove" ? -1 : 0,
          clientX: at.x,
          clientY: at.y,
        }),
      );
    const draws = globalThis.drawTimes;
    const gaps = [];
    let last = 0;
    let n = 0;
    send("pointerdown");
    draws.length = 0;
    const step = (now) => {
      if (last > 0) gaps.push(now - last);
      last = now;
      if (n++ >= frames) {
        send("pointerup");
        done({ draws: draws.slice(), gaps });
        return;
      }
      const turn = (n / frames) * 4 * Math.PI;
      at.x += 9 * Math.cos(turn);
      at.y += 6 * Math.sin(turn);
      send("pointermove");
      globalThis.plainFrame(step);
    };
    globalThis.plainFrame(step);
  });
}

/** Before any script of the page: its frames are timed. */
function timeFrames() {
  const plain = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.plainFrame = plain;
  globalThis.drawTimes = [];
  globalThis.requestAnimationFrame = (act) =>
    plain((now) => {
      const begun = performance.now();
      act(now);
      globalThis.drawTimes.push(performance.now() - begun);
    });
}

/** Of 1000 pixels; slanting edges may be smoothed a little differently. */
const SEAMS_MOST = 5;

/** Runs in the page: how many of 1000 pixels differ between the map as it was dragged and the same view
 * drawn anew. */
async function seams() {
  const canvas = document.querySelector(".map canvas");
  const pixels = () => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const twoFrames = () =>
    new Promise((done) => globalThis.plainFrame(() => globalThis.plainFrame(() => done())));
  await twoFrames();
  const dragged = pixels();
  // Another size and back: all of it is drawn.
  const room = canvas.parentElement;
  const { height } = room.getBoundingClientRect();
  for (const px of [`${height - 1}px`, ""]) {
    room.style.flex = px ? "none" : "";
    room.style.height = px;
    await twoFrames();
    await twoFrames();
  }
  const anew = pixels();
  if (anew.length !== dragged.length) return 1000;
  let differ = 0;
  for (let i = 0; i < anew.length; i += 4) {
    const far = Math.max(
      Math.abs(anew[i] - dragged[i]),
      Math.abs(anew[i + 1] - dragged[i + 1]),
      Math.abs(anew[i + 2] - dragged[i + 2]),
    );
    if (far > 24) differ++;
  }
  return (differ * 4000) / anew.length;
}

function figures(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
}

/** Pixels from seat to seat: at 2.5 rows are lines, at 6.2 there are more seats in view than at any other
 * scale, from 19 on they have numbers. */
const SCALES = [
  ["whole hall", 0],
  ["rows", 2.5],
  ["many seats", 6.2],
  ["numbers", 22],
];

/** Runs in the page: turns the wheel over the middle of the upper stand until seats are `wanted` pixels
 * apart. */
function closer({ width, height, depth, pitch, wanted }) {
  const canvas = document.querySelector(".map canvas");
  const box = canvas.getBoundingClientRect();
  // A wide hall is turned on an upright screen.
  const [w, h] = width > height && box.height > box.width ? [height, width] : [width, height];
  const scale = Math.min((box.width - 48) / w, (box.height - 48) / h);
  const clientX = box.left + box.width / 2;
  const clientY = box.top + box.height / 2 - (h / 2 - depth) * scale;
  const deltaY = -Math.log(wanted / (pitch * scale)) / 0.0022;
  canvas.dispatchEvent(
    new WheelEvent("wheel", { bubbles: true, cancelable: true, clientX, clientY, deltaY }),
  );
}

async function frames(world, page, id, name, extent) {
  await page.addInitScript(timeFrames);
  const fetched = [];
  page.on("response", async (response) => {
    if (!response.url().includes("/plan?")) return;
    fetched.push((await response.request().sizes()).responseBodySize);
  });
  await page.goto(`/events/${id}/seats`);
  await page.locator(".map canvas").waitFor();
  await page.waitForFunction(() => globalThis.drawTimes.length > 0);
  await page.waitForTimeout(800);
  const whole = page.getByRole("button", { name: "Whole hall" });
  for (const [where, wanted] of SCALES) {
    if (await whole.isEnabled()) await whole.click();
    await page.waitForTimeout(400);
    if (wanted > 0) await page.evaluate(closer, { ...extent, wanted });
    await page.waitForTimeout(200);
    await world.pictures.take(page, `map-${name}-${where}`.replace(/[ ,]+/g, "-"));
    const { draws, gaps } = await page.evaluate(drag, 120);
    check(draws.length > 60, `${name}, ${where}: the map follows the finger`);
    // The whole hall goes back to its place when its room changes: there is nothing to compare.
    const seam = (await whole.isEnabled()) ? await page.evaluate(seams) : 0;
    check(seam < SEAMS_MOST, `${name}, ${where}: ${seam} of 1000 pixels are not as drawn anew`);
    console.log(
      `        ${name}, ${where}: ms to draw ${figures(draws)}, between frames ${figures(gaps)} (middle / 95 of 100 / most)`,
    );
  }
  return fetched[0] ?? 0;
}

/** `extent`: what the seats cover, how far from its edge the middle of a stand is, and the distance of
 * seats, in the plan's units. */
function largeHall(make, name, seats, extent) {
  return async (world) => {
    const hall = make();
    const id = await newEvent(world, hall);
    for (const size of [DESKTOP, PHONE])
      await withBuyer(world, size, {}, async ({ page }) => {
        const screen = size === PHONE ? "phone" : "desktop";
        const bytes = await frames(world, page, id, `${name} ${screen}`, extent);
        console.log(`        ${name}: ${seats} seats in ${bytes} bytes of geometry, compressed`);
        check(bytes < 150_000, "the geometry is small");
      });
    await withBuyer(world, PHONE, {}, async ({ page }) => {
      await page.goto(`/events/${id}/seats`);
      await openRow(page, 31);
      await pickFromRow(page, 2);
      await hold(page);
      await pay(page, "pm_card_visa", address("far"));
      await tickets(page, 2);
    });
    // The next run looks for the demo's own largest hall.
    await organise(world, "PATCH", `/${id}`, { sale: { state: "closed" } });
  };
}

const BOWL = { width: 18_320, height: 18_320, depth: 780, pitch: 27 };
const STADIUM = { width: 1119, height: 838, depth: 97, pitch: 4 };

export const mapCases = [
  ["the map of 70,000 seats follows the finger", withToken(largeHall(bowl, "bowl", 70_000, BOWL))],
  [
    "the map of the drawn stadium follows the finger",
    withToken(largeHall(drawnStadium, "drawn", 16_054, STADIUM)),
  ],
];
