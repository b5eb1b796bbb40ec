// Halls for tests: rectangles of rows, as many seats as wanted.
import type { Hall } from "../src/seatmap/geometry.ts";
import { decodeHall } from "../src/seatmap/geometry.ts";

export interface Block {
  x: number;
  y: number;
  rows: number;
  seats: number;
  category: number;
}

export const PITCH = 50;

export function blocks(list: readonly Block[]): Hall {
  return decodeHall({
    v: 1,
    hash: "t",
    width: 100000,
    height: 100000,
    categories: [{ name: "A" }, { name: "B" }],
    sections: list.map((block, s) => ({
      id: `s${s}`,
      name: `Sector ${s}`,
      level: "",
      shapes: [],
      rows: Array.from({ length: block.rows }, (_, r) => ({
        label: String(r + 1),
        n: block.seats,
        x: [block.x, PITCH],
        y: [block.y + r * PITCH],
        cat: block.category,
        first: 1,
        guid: `${s}-${r + 1}-`,
      })),
    })),
  });
}
