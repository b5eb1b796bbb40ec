// How much to show at which scale. Far away the rows of a section are lines of what is left, then seats
// are seats, then they carry numbers. What a seat measures on the screen decides.
export interface Detail {
  /** Seats, and not yet rows. */
  seats: boolean;
  numbers: boolean;
  rowLabels: boolean;
  sectionNames: boolean;
}

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
  return {
    seats: seatPx >= SEATS_FROM_PX,
    numbers: seatPx >= NUMBERS_FROM_PX,
    rowLabels: seatPx >= ROW_LABELS_FROM_PX,
    sectionNames: seatPx < ROW_LABELS_FROM_PX,
  };
}
