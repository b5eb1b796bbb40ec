// Keeps an order's tickets in this browser, for a place without a network: the order with its codes,
// and a service worker that keeps the shop's own files.
import type { EventDetail, Order, OrderTicket } from "../../api/types.ts";
import { forgetOrder, keepOrder } from "../../sw/kept.ts";
import { KEEP_SHOP } from "../../sw/tickets.ts";

/** The ticket with its code in itself. */
async function withCode(ticket: OrderTicket): Promise<OrderTicket> {
  const answer = await fetch(ticket.svg_url);
  if (!answer.ok) throw new Error("the code did not come");
  return { ...ticket, svg_url: `data:image/svg+xml,${encodeURIComponent(await answer.text())}` };
}

/** Whether the tickets are there without a network from now on. */
export async function keep(order: Order, event: EventDetail): Promise<boolean> {
  if (order.tickets.length === 0) {
    await forgetOrder(order.event_id, order.id);
    return false;
  }
  const heard = Date.now();
  const tickets = await Promise.all(order.tickets.map(withCode));
  await keepOrder({ order: { ...order, tickets }, event, heard });
  if (!("serviceWorker" in navigator)) return false;
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(KEEP_SHOP);
  return true;
}
