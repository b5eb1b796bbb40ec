import { describe, expect, test } from "vitest";
import {
  decodeHall,
  GeometryError,
  seatByGuid,
  seatGuid,
  seatNumber,
  seatSection,
  soldWith,
  turnHall,
  unroll,
  wantsTurn,
  without,
} from "../src/seatmap/geometry.ts";

const small = {
  v: 1,
  hash: "h",
  name: "Small",
  width: 2000,
  height: 1000,
  categories: [{ name: "A" }, { name: "B" }],
  stage: { x: 500, y: 0 },
  sections: [
    { id: "pitch", name: "Pitch", shapes: [{ shape: "circle", x: 100, y: 100, r: 50 }], rows: [] },
    {
      id: "s1",
      name: "Sector 1",
      level: "West",
      shapes: [],
      rows: [
        { label: "1", n: 4, x: [100, 50], y: [300], cat: 0, first: 1, guid: "1-1-" },
        {
          label: "2",
          n: 3,
          x: [100, 50, 70],
          y: [400, 0, 10],
          cat: [
            [0, 1],
            [1, 2],
          ],
          first: 9,
          step: -1,
          guid: "1-2-",
          kinds: { accessible: [2], unknown: [0], companion: [7] },
        },
      ],
    },
    {
      id: "s2",
      name: "Box",
      shapes: [],
      rows: [
        {
          label: "",
          n: 2,
          x: [900, 60],
          y: [300],
          cat: 1,
          numbers: ["1a", "1b"],
          guids: ["p", "q"],
        },
      ],
    },
  ],
};

describe("the compact geometry", () => {
  test("a list that is too short goes on with its last difference", () => {
    const into = new Float32Array(5);
    unroll([100, 50], 4, into, 1);
    expect([...into]).toEqual([0, 100, 150, 200, 250]);
  });

  test("a single value stands for all", () => {
    const into = new Float32Array(3);
    unroll([100], 3, into, 0);
    expect([...into]).toEqual([100, 100, 100]);
  });

  test("seats are numbered section by section, row by row", () => {
    const hall = decodeHall(small);
    expect(hall.seatCount).toBe(9);
    expect([...hall.x]).toEqual([100, 150, 200, 250, 100, 150, 220, 900, 960]);
    expect([...hall.y]).toEqual([300, 300, 300, 300, 400, 400, 410, 300, 300]);
    expect(hall.sections.map((section) => [section.first, section.count])).toEqual([
      [0, 0],
      [0, 7],
      [7, 2],
    ]);
  });

  test("categories come as one or in runs, kinds by index in the row", () => {
    const hall = decodeHall(small);
    expect([...hall.category]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect([...hall.kind]).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  test("numbers rise, fall or are given; guids follow them or are given", () => {
    const hall = decodeHall(small);
    expect([0, 3, 4, 6, 7, 8].map((seat) => seatNumber(hall, seat))).toEqual([
      "1",
      "4",
      "9",
      "7",
      "1a",
      "1b",
    ]);
    expect(seatGuid(hall, 6)).toBe("1-2-7");
    expect(seatGuid(hall, 8)).toBe("q");
    for (let seat = 0; seat < hall.seatCount; seat++)
      expect(seatByGuid(hall, seatGuid(hall, seat))).toBe(seat);
    expect(seatByGuid(hall, "nowhere")).toBeUndefined();
    expect(seatSection(hall, 8).name).toBe("Box");
  });

  test("what a seat may measure comes from its own neighbours", () => {
    const hall = decodeHall(small);
    expect(hall.rows[0].size).toBeCloseTo(0.86 * 50);
    expect(hall.rows[2].size).toBeCloseTo(0.86 * Math.min(60, hall.pitch * 1.25));
  });

  test("the hall's extent takes in what is drawn beside the seats", () => {
    const { box } = decodeHall(small);
    expect(box.top).toBe(50);
    expect(box.right).toBeGreaterThan(960);
  });

  test("anything else is refused", () => {
    for (const wrong of [null, 3, [], {}, { v: 2 }])
      expect(() => decodeHall(wrong)).toThrow(GeometryError);
  });

  test("a turned hall has its left on top and the same seats", () => {
    const hall = decodeHall(small);
    const turned = turnHall(hall);
    expect([turned.x[0], turned.y[0]]).toEqual([-300, 100]);
    expect(seatGuid(turned, 6)).toBe("1-2-7");
    expect(turned.box).toEqual({
      left: -hall.box.bottom,
      right: -hall.box.top,
      top: hall.box.left,
      bottom: hall.box.right,
    });
    const back = turnHall(turnHall(turnHall(turned)));
    expect([...back.x]).toEqual([...hall.x]);
    expect(back.sections[1].centre).toEqual(hall.sections[1].centre);
  });

  test("only a wide hall is turned, and none whose stage is above the seats", () => {
    const hall = decodeHall({ ...small, stage: undefined });
    expect(wantsTurn(hall)).toBe(true);
    expect(wantsTurn(turnHall(hall))).toBe(false);
    expect(wantsTurn({ ...hall, stage: { x: 500, y: hall.box.top } })).toBe(false);
  });
});

describe("what is sold together", () => {
  const hall = decodeHall({
    ...small,
    groups: [[0, 1]],
    companions: [
      [2, 1],
      [3, 4],
    ],
  });
  test("is a group, a companion's seat, and what belongs to that", () => {
    expect(soldWith(hall, 0).sort()).toEqual([0, 1]);
    expect(soldWith(hall, 2).sort()).toEqual([0, 1, 2]);
    expect(soldWith(hall, 4)).toEqual([4]); // a seat may go without its companion
    expect(soldWith(hall, 5)).toEqual([5]);
  });
  test("is dropped together, and a companion with its seat", () => {
    expect(without(hall, [0, 1, 2, 3, 4], 1)).toEqual([3, 4]);
    expect(without(hall, [0, 1, 2], 2)).toEqual([0, 1]);
    expect(without(hall, [3, 4], 4)).toEqual([]);
  });
});
