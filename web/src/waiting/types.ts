// What the waiting page reads (by the contract) and keeps, and what its two parts know of each other.
import type { components } from "../generated/openapi.ts";

type Schemas = components["schemas"];
type Queue = Schemas["Queue"];

/** The public status. While nobody has to wait only its phase is there, and nothing else is read. */
export type Status = Required<Omit<Queue, "priority" | "draw">> & Pick<Queue, "priority" | "draw">;

export type Place = Pick<
  Schemas["QueuePosition"],
  "number" | "lane" | "rank" | "state" | "closes_in_ms"
>;

/** Laid into the document by the server. */
export interface Given {
  event: {
    id: string;
    name: string;
    starts_at: string;
    timezone: string;
    venue: string;
    access_codes: boolean;
  };
  queue: Status;
  place: Place | null;
  /** The request came with a session. */
  known: boolean;
}

/** 428: what is asked before joining; without a challenge, some of the wait is left. */
export interface Asked {
  challenge?: Schemas["Challenge"];
  retry_after?: number;
}

/** An answer's status, 0 when none came, and what it said. */
export type Answer<T> = [status: number, body: T];

export type Action = [words: string, act: () => void];

/** What is to be seen. */
export interface Face {
  title: string;
  next: string;
  label?: string;
  big?: string;
  wait?: string;
  /** Instead of the own number. */
  foot?: [what: string, value: string];
  /** From 0 to 1. */
  bar?: number;
  main?: Action;
  other?: Action;
}

/** What the part that is fetched on demand may ask of the page. */
export interface Page {
  status: () => Status;
  place: () => Place | null;
  join: (body: object) => Promise<Answer<{ code?: string }> | undefined>;
  leave: () => void;
  /** Shows something else, until it is called with nothing. */
  cover: (face?: Face) => void;
  /** Set by the sound: what else is to happen when the visitor is called. */
  called: () => void;
}
