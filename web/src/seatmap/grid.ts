// A grid over the hall: which seats lie in a rectangle, and which is nearest to a point, without
// looking at the others. Seats are sorted by cell once; a cell is a range of that order.
import type { Box, Hall } from "./geometry.ts";

export class Grid {
  readonly cell: number;
  readonly columns: number;
  readonly lines: number;
  private readonly left: number;
  private readonly top: number;
  private readonly start: Uint32Array;
  private readonly order: Uint32Array;
  private readonly hall: Hall;

  constructor(hall: Hall) {
    this.hall = hall;
    let left = 0;
    let top = 0;
    let right = 1;
    let bottom = 1;
    for (let i = 0; i < hall.seatCount; i++) {
      const x = hall.x[i];
      const y = hall.y[i];
      if (i === 0 || x < left) left = x;
      if (i === 0 || x > right) right = x;
      if (i === 0 || y < top) top = y;
      if (i === 0 || y > bottom) bottom = y;
    }
    this.left = left;
    this.top = top;
    // About 16 seats a cell, and never more than 512 cells in a line.
    this.cell = Math.max(
      4 * Math.max(hall.pitch, hall.rowPitch),
      (right - left) / 512,
      (bottom - top) / 512,
      1,
    );
    this.columns = Math.floor((right - left) / this.cell) + 1;
    this.lines = Math.floor((bottom - top) / this.cell) + 1;
    this.start = new Uint32Array(this.columns * this.lines + 1);
    this.order = new Uint32Array(hall.seatCount);
    this.fill();
  }

  private cellOf(seat: number): number {
    const column = Math.floor((this.hall.x[seat] - this.left) / this.cell);
    const line = Math.floor((this.hall.y[seat] - this.top) / this.cell);
    return line * this.columns + column;
  }

  private fill(): void {
    const { start, order, hall } = this;
    for (let i = 0; i < hall.seatCount; i++) start[this.cellOf(i) + 1]++;
    for (let c = 1; c < start.length; c++) start[c] += start[c - 1];
    const next = start.slice(0, -1);
    for (let i = 0; i < hall.seatCount; i++) {
      const c = this.cellOf(i);
      order[next[c] as number] = i;
      next[c]++;
    }
  }

  private column(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor((x - this.left) / this.cell)));
  }
  private line(y: number): number {
    return Math.max(0, Math.min(this.lines - 1, Math.floor((y - this.top) / this.cell)));
  }

  /** Calls `visit` for each seat in cells that touch the box (a few lie just outside it). */
  inBox(box: Box, visit: (seat: number) => void): void {
    if (this.hall.seatCount === 0) return;
    const c0 = this.column(box.left);
    const c1 = this.column(box.right);
    for (let line = this.line(box.top); line <= this.line(box.bottom); line++) {
      const from = this.start[line * this.columns + c0];
      const to = this.start[line * this.columns + c1 + 1];
      for (let k = from; k < to; k++) visit(this.order[k]);
    }
  }

  /** The seat nearest to the point within `reach` that `wanted` lets pass; -1 when there is none. */
  nearest(
    x: number,
    y: number,
    reach: number,
    wanted: (seat: number) => boolean = () => true,
  ): number {
    let best = -1;
    let bestDistance = reach * reach;
    this.inBox({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach }, (seat) => {
      const dx = this.hall.x[seat] - x;
      const dy = this.hall.y[seat] - y;
      const distance = dx * dx + dy * dy;
      if (distance <= bestDistance && wanted(seat)) {
        bestDistance = distance;
        best = seat;
      }
    });
    return best;
  }
}
