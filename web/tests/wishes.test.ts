import { describe, expect, test } from "vitest";
import { priceRange } from "../src/pages/seats/wishes.tsx";

describe("a price range", () => {
  test("stays as it is chosen", () => {
    expect(priceRange(1000, 2000, "from")).toEqual([1000, 2000]);
    expect(priceRange(undefined, 2000, "upTo")).toEqual([undefined, 2000]);
    expect(priceRange(1000, undefined, "from")).toEqual([1000, undefined]);
  });
  test("never ends before it begins: the other bound comes along", () => {
    expect(priceRange(3000, 2000, "from")).toEqual([3000, 3000]);
    expect(priceRange(3000, 2000, "upTo")).toEqual([2000, 2000]);
  });
});
