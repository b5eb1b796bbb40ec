// How much to show at which scale. Far away a section is a shade, then its rows are lines of what is
// left, then seats are seats, then they carry numbers. What a seat measures on the screen decides.
export interface Detail {
  /** Strength of the section's shade, 0 to 1. */
  shade: number;
  /** Strength of the rows' lines, 0 to 1. */
  rows: number;
  seats: boolean;
  numbers: boolean;
  rowLabels: boolean;
  sectionNames: boolean;
}

export const ROWS_FROM_PX = 1.6;
const ROWS_FULL_PX = 3;
export const SEATS_FROM_PX = 6;
export const NUMBERS_FROM_PX = 19;
export const ROW_LABELS_FROM_PX = 11;
/** A finger needs this much of a seat before a tap means that seat. */
export const TOUCH_FROM_PX = 17;
export const MOUSE_FROM_PX = 7;
export const CLOSEST_PX = 44;
/** A finger's width: what lies farther from a tap was not meant by it. */
export const FINGER_PX = 44;

/** `seatPx`: distance between neighbouring seats on the screen. */
export function detail(seatPx: number): Detail {
  const seats = seatPx >= SEATS_FROM_PX;
  const rows = seats
    ? 0
    : Math.max(0, Math.min(1, (seatPx - ROWS_FROM_PX) / (ROWS_FULL_PX - ROWS_FROM_PX)));
  return {
    shade: seats ? 0 : 1 - rows * 0.82,
    rows,
    seats,
    numbers: seatPx >= NUMBERS_FROM_PX,
    rowLabels: seatPx >= ROW_LABELS_FROM_PX,
    sectionNames: seatPx < ROW_LABELS_FROM_PX,
  };
}
