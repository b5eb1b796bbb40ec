// Picks that would leave a seat alone: what the buyer can do instead.
import type { Hall } from "../../seatmap/geometry.ts";
import { soldWith } from "../../seatmap/geometry.ts";

/** The last of the picks that stand next to `seat` without a gap, going by `step`; -1: none. */
function endOfRun(hall: Hall, picks: ReadonlySet<number>, seat: number, step: 1 | -1): number {
  const row = hall.rowOf[seat];
  let end = seat;
  while (picks.has(end + step) && hall.rowOf[end + step] === row) {
    end += step;
    if (soldWith(hall, end).length > 1) return -1; // what is sold with others does not move
  }
  return end === seat ? -1 : end;
}

/**
 * Whole picks to choose instead: with the lonely seats taken too (at most `most` in all), or with
 * the picks beside a lonely seat moved along by one: it takes the place of the last of them.
 */
export function offersFor(
  hall: Hall,
  picks: readonly number[],
  alone: readonly number[],
  most: number,
): number[][] {
  const offers: number[][] = [];
  const chosen = new Set(picks);
  const rising = (seats: number[]): number[] => seats.sort((a, b) => a - b);
  const more = rising([
    ...new Set([...picks, ...alone.flatMap((seat) => soldWith(hall, seat))]),
  ]);
  if (more.length <= most) offers.push(more);
  for (const seat of alone) {
    if (soldWith(hall, seat).length > 1) continue;
    for (const step of [-1, 1] as const) {
      const end = endOfRun(hall, chosen, seat, step);
      if (end >= 0) offers.push(rising([...picks.filter((each) => each !== end), seat]));
    }
  }
  return offers;
}
