// Picks that would leave a seat alone: what the buyer can do instead.
import type { Hall } from "../../seatmap/geometry.ts";
import { soldWith } from "../../seatmap/geometry.ts";

/**
 * Whole picks to choose instead: with the lonely seats taken too (at most `most` in all), or moved
 * by one so that a lonely seat takes the place of the farthest pick.
 */
export function offersFor(
  hall: Hall,
  picks: readonly number[],
  alone: readonly number[],
  most: number,
): number[][] {
  const offers: number[][] = [];
  const rising = (seats: number[]): number[] => seats.sort((a, b) => a - b);
  const more = rising([
    ...new Set([...picks, ...alone.flatMap((seat) => soldWith(hall, seat))]),
  ]);
  if (more.length <= most) offers.push(more);
  for (const seat of alone) {
    const far = picks.reduce((a, b) => (Math.abs(b - seat) > Math.abs(a - seat) ? b : a));
    const row = hall.rowOf[seat];
    const plain = [...picks, seat].every(
      (each) => hall.rowOf[each] === row && soldWith(hall, each).length === 1,
    );
    if (plain) offers.push(rising([...picks.filter((each) => each !== far), seat]));
  }
  return offers;
}
