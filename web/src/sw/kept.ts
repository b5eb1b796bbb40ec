// The tickets that this browser keeps for the way to the door, one entry an order. Written by the
// order's page, read by it and by the tickets page when there is no network. The worker itself only
// asks whether there are any.
import type { EventDetail, Order } from "../api/types.ts";

export const KEPT = "onsale-tickets-1";
/** So many orders, the latest; one whose event was over for so long goes. */
const ORDERS_MAX = 24;
const AFTER_EVENT_MS = 3 * 86_400_000;

export interface KeptOrder {
  /** Its tickets carry their codes in themselves: pictures as data. */
  order: Order;
  event: EventDetail;
  /** When it was so, by this device's clock. */
  heard: number;
}

/** Where caches are off, or the address is not a safe one, nothing is kept. */
const open = (): Promise<Cache> | null => (typeof caches === "undefined" ? null : caches.open(KEPT));

export const orderPath = (event: string, order: string): string =>
  `/events/${encodeURIComponent(event)}/orders/${encodeURIComponent(order)}`;

function isKept(value: unknown): value is KeptOrder {
  if (typeof value !== "object" || value === null) return false;
  const { order, event, heard } = value as Partial<KeptOrder>;
  return Array.isArray(order?.tickets) && typeof event?.starts_at === "string" && typeof heard === "number";
}

/** Unreadable or foreign content is as good as none. */
async function read(answer: Response | undefined): Promise<KeptOrder | null> {
  const value: unknown = await answer?.json().catch(() => null);
  return isKept(value) ? value : null;
}

export async function keptOrder(path: string): Promise<KeptOrder | null> {
  try {
    return await read(await (await open())?.match(path));
  } catch {
    return null;
  }
}

/** All of them, the next event first; those that are over long since are dropped. */
export async function keptOrders(now = Date.now()): Promise<KeptOrder[]> {
  const cache = await open();
  if (!cache) return [];
  const all: KeptOrder[] = [];
  for (const key of await cache.keys()) {
    const kept = await read(await cache.match(key));
    if (kept && Date.parse(kept.event.starts_at) + AFTER_EVENT_MS > now) all.push(kept);
    else await cache.delete(key);
  }
  return all.sort((a, b) => Date.parse(a.event.starts_at) - Date.parse(b.event.starts_at));
}

export async function keepOrder(kept: KeptOrder): Promise<void> {
  const cache = await open();
  if (!cache) return;
  const path = orderPath(kept.order.event_id, kept.order.id);
  // A key that is put again stays where it was in the order.
  const others = (await cache.keys()).filter((each) => new URL(each.url).pathname !== path);
  for (const old of others.slice(0, -(ORDERS_MAX - 1))) await cache.delete(old);
  await cache.put(path, new Response(JSON.stringify(kept)));
}

/** It has no tickets any more: refunded, taken back. */
export async function forgetOrder(event: string, order: string): Promise<void> {
  await (await open())?.delete(orderPath(event, order));
}

export async function hasKept(): Promise<boolean> {
  return ((await (await open())?.keys()) ?? []).length > 0;
}
