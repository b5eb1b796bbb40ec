// What the server laid into the document for the page it was asked for (src/site): that page begins
// with it instead of with a request. It is good once; whoever comes back asks anew.
import type { EventDetail, EventList } from "./types.ts";

interface Given {
  /** Without what is the asker's own: where it is paid. */
  event?: EventDetail;
  events?: EventList;
}

/** Who goes back gets the document as it was then, without a question to the server. */
function isOld(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "back_forward";
}

function read(): Given {
  if (isOld()) return {};
  const text = globalThis.document?.getElementById("given")?.textContent;
  return text ? (JSON.parse(text) as Given) : {};
}

let given: Given | null = null;

function take<K extends keyof Given>(key: K): Given[K] {
  given ??= read();
  const value = given[key];
  delete given[key];
  return value;
}

export function givenEvent(id: string): EventDetail | null {
  const event = take("event");
  return event?.id === id ? event : null;
}

export const givenEvents = (): EventList | null => take("events") ?? null;
