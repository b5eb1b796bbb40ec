// What waiting pages knew last, one entry an event. Written by the page itself, read by the worker
// when there is no network. It is all that is kept of what is a visitor's own.
import type { Given } from "../waiting/types.ts";

export const PLACES = "onsale-places-1";
/** So many events, the latest. */
const PLACES_MAX = 8;

export async function keepPlace(path: string, given: Given): Promise<void> {
  const cache = await caches.open(PLACES);
  // A key that is put again stays where it was in the order.
  const others = (await cache.keys()).filter((each) => new URL(each.url).pathname !== path);
  for (const old of others.slice(0, -(PLACES_MAX - 1))) await cache.delete(old);
  await cache.put(path, new Response(JSON.stringify(given)));
}

/** As JSON. */
export async function placeOf(path: string): Promise<string | undefined> {
  const kept = await (await caches.open(PLACES)).match(path);
  return kept?.text();
}
