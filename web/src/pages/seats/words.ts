// How a seat is named and described, for eyes and for screen readers.
import type { SeatKind } from "../../api/types.ts";
import { begun, money } from "../../i18n/format.ts";
import { kindName, rowName, sectionName, withKind } from "../../design/item-label.ts";
import { t } from "../../i18n/index.ts";
import { KINDS, seatNumber, seatRow, seatSection, soldWith } from "../../seatmap/geometry.ts";
import { AVAILABLE, HELD, SOLD } from "../../seatmap/states.ts";
import type { SeatsModel } from "./model.ts";

function names(model: SeatsModel, seat: number): { section: string; row: string; seat: string } {
  const hall = model.view.value?.hall;
  if (!hall) return { section: "", row: "", seat: "" };
  return {
    section: sectionName(seatSection(hall, seat).name),
    row: rowName(seatRow(hall, seat).label),
    seat: seatNumber(hall, seat),
  };
}

export const seatLabel = (model: SeatsModel, seat: number): string =>
  t("seats.label", names(model, seat));

/** Short names one after the other: "Row 12 seat 7, row 12 seat 8". */
export function seatList(model: SeatsModel, seats: readonly number[], begins = true): string {
  const list = seats.map((seat) => t("seats.short", names(model, seat))).join(", ");
  return begins ? begun(list) : list;
}

export function stateWord(model: SeatsModel, seat: number): string {
  const held = model.heldSeats.value.includes(seat);
  if (model.picks.value.includes(seat) || (held && !model.changing.value))
    return t("seats.stateMine");
  if (held) return t("seats.stateDropped");
  switch (model.view.value?.states.states[seat]) {
    case AVAILABLE:
      return t(model.view.value?.states.keeps(seat) ? "seats.stateKept" : "seats.stateFree");
    case HELD:
      return t("seats.stateHeld");
    case SOLD:
      return t("seats.stateSold");
    default:
      return t("seats.stateBlocked");
  }
}

const kindOf = (model: SeatsModel, seat: number): SeatKind | undefined =>
  KINDS[model.view.value?.hall.kind[seat] ?? 0];

export const kindWord = (model: SeatsModel, seat: number): string | null =>
  kindName(kindOf(model, seat));

export const fullLabel = (model: SeatsModel, seat: number): string =>
  withKind(seatLabel(model, seat), kindOf(model, seat));

/** "one of 5 sold together", where a seat is not sold by itself. */
export function groupWord(model: SeatsModel, seat: number): string | null {
  const hall = model.view.value?.hall;
  const n = hall ? soldWith(hall, seat).length : 1;
  return n > 1 ? t("seats.oneOf", { n }) : null;
}

export function spoken(model: SeatsModel, seat: number): string {
  const price = model.priceOfSeat(seat);
  const text = t("seats.spoken", {
    ...names(model, seat),
    state: stateWord(model, seat),
    price: price ? money(price) : "",
  });
  const more = [kindWord(model, seat), groupWord(model, seat)].filter((word) => word !== null);
  return [text, ...more].join(", ");
}
