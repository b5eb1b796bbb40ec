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
  /** Laid in by the service worker (sw/waiting.ts): when this was so, in milliseconds of this
   * device's clock. */
  heard?: number;
}

/** 428: what is asked before joining; without a challenge, some of the wait is left. */
export interface Asked {
  challenge?: Schemas["Challenge"];
  retry_after?: number;
  /** Why what was shown before does not count. */
  reason?: string;
}

/** An answer's status, 0 when none came, and what it said. */
export type Answer<T> = [status: number, body: T];

export type Action = [words: string, act: () => void];

/** What is to be seen. */
export interface Face {
  title: string;
  next?: string;
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
  /** When we got the status and when the call or the admission ends, by this device's clock. */
  times: () => [heard: number, end: number];
  /** One at a time: undefined while another is on its way. */
  act: <T>(method: string, path: string, body?: object) => Promise<Answer<T> | undefined>;
  /** Looks what became of it (with `own`, asks for the own place), and says these words about it. */
  after: (words: string, own?: boolean) => Promise<void>;
  /** What became of the own place. */
  take: (place: Place) => void;
  /** The house would not let us join: no second try by itself. (Nor while what was asked is done.) */
  refused: boolean;
  /** Shows something else, until it is called with nothing. */
  cover: (face?: Face) => void;
  /** Set by the sound: what else is to happen when the visitor is called. */
  called?: () => void;
  /** Set by what works offline: what else is to happen when something may have changed. */
  settled?: () => void;
}
