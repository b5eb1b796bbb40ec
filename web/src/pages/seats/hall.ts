// The hall of an event as the page works with it: its plan, who has what in it, and what it costs.
import { getAvailability, getEvent, getPlan } from "../../api/shop.ts";
import type { Availability, EventDetail, PriceCategory } from "../../api/types.ts";
import { wide } from "../../design/theme.ts";
import type { Hall } from "../../seatmap/geometry.ts";
import { decodeHall, turnHall, wantsTurn } from "../../seatmap/geometry.ts";
import { Grid } from "../../seatmap/grid.ts";
import { priceOfPlanCategory } from "../../seatmap/palette.ts";
import { SeatStates } from "../../seatmap/states.ts";

export interface HallView {
  hall: Hall;
  grid: Grid;
  states: SeatStates;
  /** Price category index of each plan category, -1 when not sold. */
  priceOf: Int16Array;
}

export interface LoadedHall {
  event: EventDetail;
  availability: Availability;
  /** null for an event without a plan. */
  view: HallView | null;
}

const TRIES = 8;
const AGAIN_MS = 1000;

/** Whether the states are those of another plan than the one we drew. */
export function isOfAnotherPlan(availability: Availability, hall: Hall): boolean {
  return !!availability.plan && availability.plan !== hall.hash;
}

function viewOf(
  plan: unknown,
  availability: Availability,
  prices: readonly PriceCategory[],
): HallView | null {
  const drawn = decodeHall(plan);
  if (isOfAnotherPlan(availability, drawn)) return null;
  const hall = !wide.value && wantsTurn(drawn) ? turnHall(drawn) : drawn;
  const states = new SeatStates(hall);
  states.load(availability);
  return { hall, grid: new Grid(hall), states, priceOf: priceOfPlanCategory(hall, prices) };
}

/**
 * Fetches all there is to know of an event; again, when its plan was changed between two answers.
 * `know` hears of the event before its hall is there.
 */
export async function loadHall(
  id: string,
  know: (event: EventDetail) => void,
): Promise<LoadedHall> {
  for (let i = 0; i < TRIES; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    const event = await getEvent(id);
    know(event);
    const [plan, availability] = await Promise.all([
      event.plan_url === null ? null : getPlan(event.plan_url),
      getAvailability(id),
    ]);
    if (plan === null) return { event, availability, view: null };
    const view = viewOf(plan, availability, event.price_categories);
    if (view) return { event, availability, view };
  }
  throw new Error("the seating plan and its states do not come together");
}
