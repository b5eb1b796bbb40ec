// The nearest free seats to ones that were lost: together in one row when possible, of the same
// price first, otherwise simply the nearest.
import type { Hall } from "./geometry.ts";

function middle(hall: Hall, seats: readonly number[]): { x: number; y: number } {
  let x = 0;
  let y = 0;
  for (const seat of seats) {
    x += hall.x[seat];
    y += hall.y[seat];
  }
  return { x: x / seats.length, y: y / seats.length };
}

/** Runs of `n` neighbours in one row that are all free, nearest first; at most `most` of them. */
export function nearestTogether(
  hall: Hall,
  lost: readonly number[],
  n: number,
  free: (seat: number) => boolean,
  most: number,
): number[][] {
  if (lost.length === 0 || n < 1) return [];
  const want = middle(hall, lost);
  const category = hall.category[lost[0] as number];
  const found: { seats: number[]; cost: number }[] = [];
  for (const row of hall.rows) {
    let best: { seats: number[]; cost: number } | null = null;
    let run = 0;
    for (let i = row.first; i < row.first + row.count; i++) {
      run = free(i) ? run + 1 : 0;
      if (run < n) continue;
      const seats = Array.from({ length: n }, (_, k) => i - n + 1 + k);
      const at = middle(hall, seats);
      const other = seats.some((seat) => hall.category[seat] !== category);
      const cost = Math.hypot(at.x - want.x, at.y - want.y) + (other ? hall.pitch * 12 : 0);
      if (best === null || cost < best.cost) best = { seats, cost };
    }
    if (best) found.push(best);
  }
  found.sort((a, b) => a.cost - b.cost);
  return found.slice(0, most).map((each) => each.seats);
}

/** The next seat in a direction, for the arrow keys: near, and more along than aside. */
export function neighbour(hall: Hall, from: number, dx: number, dy: number): number {
  const row = hall.rows[hall.rowOf[from] as number];
  const x0 = hall.x[from];
  const y0 = hall.y[from];
  let best = -1;
  let bestCost = Infinity;
  const reach = 14 * Math.max(hall.pitch, hall.rowPitch);
  for (let i = 0; i < hall.seatCount; i++) {
    const x = hall.x[i] - x0;
    const y = hall.y[i] - y0;
    const along = x * dx + y * dy;
    if (along <= hall.pitch * 0.2 || along > reach) continue;
    const aside = Math.abs(x * dy - y * dx);
    if (aside > along * 1.2) continue;
    const sameRow = row !== undefined && i >= row.first && i < row.first + row.count;
    const cost = along + aside * 2.5 - (sameRow ? hall.pitch * 0.3 : 0);
    if (cost < bestCost) {
      bestCost = cost;
      best = i;
    }
  }
  return best;
}
