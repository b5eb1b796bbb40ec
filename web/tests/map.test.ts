import { describe, expect, test } from "vitest";
import {
  between,
  centred,
  fit,
  keepInside,
  NO_INSETS,
  toHall,
  zoomAt,
} from "../src/seatmap/camera.ts";
import { touched } from "../src/seatmap/controller.ts";
import { Grid } from "../src/seatmap/grid.ts";
import { detail, FINGER_PX, NUMBERS_FROM_PX, SEATS_FROM_PX } from "../src/seatmap/lod.ts";
import { nearestTogether, neighbour } from "../src/seatmap/nearest.ts";
import { byPrice, steps } from "../src/seatmap/palette.ts";
import { shortName } from "../src/seatmap/painter.ts";
import { blocks, PITCH } from "./hall.ts";

const big = blocks(
  Array.from({ length: 70 }, (_, i) => ({
    x: (i % 10) * 2500,
    y: Math.floor(i / 10) * 2500,
    rows: 25,
    seats: 40,
    category: i % 2,
  })),
);

describe("the grid over 70,000 seats", () => {
  const grid = new Grid(big);

  test("finds the same nearest seat as looking at all of them", () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let n = 0; n < 200; n++) {
      const x = random() * 24000;
      const y = random() * 16000;
      let best = -1;
      let bestDistance = 300 ** 2;
      for (let i = 0; i < big.seatCount; i++) {
        const distance = (big.x[i] - x) ** 2 + (big.y[i] - y) ** 2;
        if (distance < bestDistance) {
          bestDistance = distance;
          best = i;
        }
      }
      const found = grid.nearest(x, y, 300);
      if (best < 0) expect(found).toBe(-1);
      else expect((big.x[found] - x) ** 2 + (big.y[found] - y) ** 2).toBeCloseTo(bestDistance, 3);
    }
  });

  test("visits every seat of a box and only a small part of the hall", () => {
    const box = { left: 5100, right: 5900, top: 5100, bottom: 5900 };
    const seen = new Set<number>();
    grid.inBox(box, (seat) => {
      expect(seen.has(seat)).toBe(false);
      seen.add(seat);
    });
    for (let i = 0; i < big.seatCount; i++)
      if (
        big.x[i] >= box.left &&
        big.x[i] <= box.right &&
        big.y[i] >= box.top &&
        big.y[i] <= box.bottom
      )
        expect(seen.has(i)).toBe(true);
    expect(seen.size).toBeLessThan(1000);
  });

  test("an empty hall has no nearest seat", () => {
    expect(new Grid(blocks([])).nearest(0, 0, 1000)).toBe(-1);
  });
});

describe("level of detail", () => {
  test("far away there are rows, then seats, then numbers", () => {
    expect(detail(0.5)).toMatchObject({ seats: false, numbers: false, sectionNames: true });
    expect(detail(SEATS_FROM_PX)).toMatchObject({ seats: true, numbers: false, rowLabels: false });
    expect(detail(NUMBERS_FROM_PX)).toMatchObject({ seats: true, numbers: true });
  });
});

describe("the camera", () => {
  const size = { width: 390, height: 600 };
  const box = { left: 0, right: 1000, top: 0, bottom: 500 };

  test("fits the box between the insets", () => {
    const camera = fit(box, size, { ...NO_INSETS, bottom: 200 }, 10);
    expect(camera.scale).toBeCloseTo(0.37);
    expect(toHall(camera, 195, 200)).toEqual({ x: expect.closeTo(500), y: expect.closeTo(250) });
  });

  test("keeps the point under the fingers while zooming", () => {
    const camera = fit(box, size, NO_INSETS, 10);
    const before = toHall(camera, 40, 70);
    const after = toHall(zoomAt(camera, 40, 70, 3, { min: 0, max: 100 }), 40, 70);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test("never zooms past its limits", () => {
    const camera = { scale: 1, x: 0, y: 0 };
    expect(zoomAt(camera, 0, 0, 100, { min: 0.5, max: 2 }).scale).toBe(2);
    expect(zoomAt(camera, 0, 0, 0.001, { min: 0.5, max: 2 }).scale).toBe(0.5);
  });

  test("does not lose the hall", () => {
    const lost = keepInside({ scale: 1, x: 90000, y: -90000 }, box, size);
    const middle = toHall(lost, size.width / 2, size.height / 2);
    expect(middle.x).toBeGreaterThanOrEqual(box.left);
    expect(middle.y).toBeLessThanOrEqual(box.bottom);
  });

  test("a flight begins where it is and ends where it goes", () => {
    const a = { scale: 0.2, x: 10, y: 20 };
    const b = { scale: 2, x: -500, y: -300 };
    for (const [t, want] of [
      [0, a],
      [1, b],
    ] as const) {
      const at = between(a, b, t, size);
      expect(at.scale).toBeCloseTo(want.scale);
      expect(at.x).toBeCloseTo(want.x);
      expect(at.y).toBeCloseTo(want.y);
    }
  });
});

describe("a tap from afar", () => {
  const hall = blocks([{ x: 1000, y: 1000, rows: 3, seats: 6, category: 0 }]);
  const scene = { hall, grid: new Grid(hall) };
  const camera = { scale: 0.1, x: 0, y: 0 };

  test("on empty ground means nothing", () => {
    expect(touched(scene, camera, { x: 100 - FINGER_PX - 1, y: 100 })).toBeNull();
    expect(touched(scene, camera, { x: 400, y: 400 })).toBeNull();
  });

  test("beside a section means its nearest seat, which is then in the middle", () => {
    const near = touched(scene, camera, { x: 100 - FINGER_PX + 1, y: 100 });
    expect(near).toEqual({ x: 1000, y: 1000 });
    const size = { width: 390, height: 600 };
    const to = centred(near ?? { x: 0, y: 0 }, 0.4, size, { ...NO_INSETS, bottom: 200 });
    expect(toHall(to, 195, 200)).toEqual({ x: expect.closeTo(1000), y: expect.closeTo(1000) });
  });
});

describe("the nearest alternatives", () => {
  const hall = blocks([
    { x: 0, y: 0, rows: 3, seats: 6, category: 0 },
    { x: 400, y: 0, rows: 3, seats: 6, category: 1 },
  ]);

  test("lie together in one row and are all free", () => {
    const taken = new Set([2, 3, 4]);
    const offers = nearestTogether(hall, [2, 3], 2, (seat) => !taken.has(seat), 3);
    expect(offers).toHaveLength(3);
    for (const offer of offers) {
      expect(offer[1]).toBe(offer[0] + 1);
      expect(hall.rowOf[offer[0]]).toBe(hall.rowOf[offer[1]]);
      expect(offer.some((seat) => taken.has(seat))).toBe(false);
    }
  });

  test("are of the same price before they are nearer", () => {
    const offers = nearestTogether(hall, [5], 1, (seat) => seat === 0 || seat === 18, 1);
    expect(offers).toEqual([[0]]);
  });

  test("are none when so many do not fit", () => {
    expect(nearestTogether(hall, [0], 7, () => true, 3)).toEqual([]);
    expect(nearestTogether(hall, [], 1, () => true, 3)).toEqual([]);
  });
});

describe("the arrow keys", () => {
  const hall = blocks([{ x: 0, y: 0, rows: 3, seats: 5, category: 0 }]);
  test("go to the next seat and the next row", () => {
    expect(neighbour(hall, 6, 1, 0)).toBe(7);
    expect(neighbour(hall, 6, -1, 0)).toBe(5);
    expect(neighbour(hall, 6, 0, 1)).toBe(11);
    expect(neighbour(hall, 6, 0, -1)).toBe(1);
  });
  test("stop at the edge", () => {
    expect(neighbour(hall, 0, -1, 0)).toBe(-1);
    expect(PITCH).toBeGreaterThan(0);
  });
});

describe("the colours of prices", () => {
  test("are as many as asked for and all different", () => {
    for (const n of [1, 2, 5, 9]) expect(new Set(steps(n, false)).size).toBe(n);
  });

  test("change evenly in lightness, so that grey still tells them apart", () => {
    const light = (colour: string): number => {
      const [r, g, b] = (colour.match(/\d+/g) ?? []).map(Number);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (const dark of [false, true]) {
      const values = steps(5, dark).map(light);
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]);
    }
  });

  test("are given from dear to cheap, fees included", () => {
    const price = (index: number, amount: number, fee: number) => ({
      index,
      name: String(index),
      color: null,
      price: { amount, currency: "EUR" },
      fee: { amount: fee, currency: "EUR" },
      tax_bp: 0,
      price_change: null,
      per_buyer: null,
    });
    const order = byPrice([price(0, 100, 0), price(1, 90, 50), price(2, 10, 0)]);
    expect(order.map((each) => each.index)).toEqual([1, 0, 2]);
  });
});

test("a section is its figure on the map, and its name when it has none", () => {
  expect(shortName("Sector 12")).toBe("12");
  expect(shortName("Block A12")).toBe("Block A12");
  expect(shortName("Balcony")).toBe("Balcony");
});
