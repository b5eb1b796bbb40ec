// Where a visitor stands, from the public status and the own place alone: no request is needed.
import type { Drawn } from "./draw.ts";
import type { Place, Status } from "./types.ts";

export type Kind =
  | "open" // nobody needs to wait
  | "soon" // the lobby is not open yet
  | "none" // it is open, and we have no place
  | "lobby"
  | "drawing"
  | "line"
  | "called"
  | "missed"
  | "in"
  | "over"
  | "left"
  | "ended";

export interface Standing {
  kind: Kind;
  /** In the line: how many of our lane come first, and how many with the lane that is preferred. */
  ahead: number;
  before: number;
  near: boolean;
}

const FEW = 20;

/** What the turn of a place follows from; null while it is not known. */
export function drawnFor({ draw, phase }: Status, { lane }: Place): Drawn | null {
  if (phase !== "line") return null;
  const priority = lane === "priority";
  const count = (priority ? draw?.priority_count : draw?.count) ?? 0;
  return { seed: draw?.seed ?? "", chain_hash: draw?.chain_hash ?? "", count, lane: priority ? 1 : 0 };
}

function kindOf({ phase }: Status, place: Place | null): Kind {
  if (phase === "off") return "open";
  if (phase === "ended" || phase === "soon") return phase;
  if (!place) return "none";
  const { state } = place;
  if (state === "admitted") return "in";
  return state === "lobby" || state === "waiting" ? phase : state;
}

export function standing(status: Status, place: Place | null): Standing {
  const now: Standing = { kind: kindOf(status, place), ahead: 0, before: 0, near: false };
  if (now.kind !== "line" || !place) return now;
  const { rank, lane } = place;
  // The preferred lane stands in the status once somebody is in it.
  const preferred = status.priority ?? { called: 0, waiting: 0 };
  const { called } = lane === "priority" ? preferred : status;
  if (rank == null) now.kind = "drawing";
  else if (rank < called) now.kind = "called";
  else {
    now.ahead = rank - called;
    now.before = now.ahead + (lane === "priority" ? 0 : preferred.waiting);
    now.near = now.before < Math.max(FEW, status.rate.high);
  }
  return now;
}
