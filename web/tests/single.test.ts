import { describe, expect, test } from "vitest";
import { offersFor } from "../src/pages/seats/single.ts";
import { blocks } from "./hall.ts";

describe("picks that would leave a seat alone", () => {
  const hall = blocks([{ x: 0, y: 0, rows: 2, seats: 8, category: 0 }]);
  test("can take it too, or move by one", () => {
    expect(offersFor(hall, [1, 2], [0], 8)).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
  });
  test("only move when there is no room for one more", () => {
    expect(offersFor(hall, [1, 2], [0], 2)).toEqual([[0, 1]]);
  });
  test("leave picks elsewhere where they are", () => {
    expect(offersFor(hall, [1, 2, 12], [0], 8)).toEqual([
      [0, 1, 2, 12],
      [0, 1, 12],
    ]);
    expect(offersFor(hall, [1, 5], [0], 8)).toEqual([
      [0, 1, 5],
      [0, 5],
    ]);
  });
  test("may have a way out on either side", () => {
    expect(offersFor(hall, [1, 2], [0, 3], 8)).toEqual([
      [0, 1, 2, 3],
      [0, 1],
      [2, 3],
    ]);
  });
});
