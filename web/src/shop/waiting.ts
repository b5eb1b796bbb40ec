// Events with a waiting room: who has to go there first, and how.
import { admissionTo, forgetAdmission } from "../api/admission.ts";
import type { EventDetail } from "../api/types.ts";
import type { Deadline } from "./clock.ts";
import { comeBack } from "./leaving.ts";
import { keptHold } from "./store.ts";

export const waitingRoom = (event: string): string => `/events/${encodeURIComponent(event)}/queue`;

/** It is a page of its own: small, and useful without any other file. */
export function enterWaitingRoom(event: string): void {
  forgetAdmission(event);
  comeBack();
  location.assign(waitingRoom(event));
}

/** Nothing can be booked without an admission. Whoever holds seats was let in. */
export function mustWait(event: EventDetail): boolean {
  const isIn = (admissionTo(event.id)?.ends ?? 0) > Date.now();
  return event.queue.active && !isIn && keptHold(event.id) === null;
}

/** Until when we are in; null where nobody has to be. */
export function timeInside(event: EventDetail): Deadline | null {
  const admission = event.queue.active ? admissionTo(event.id) : null;
  return admission && { at: admission.ends, total: 1 };
}
