// The calls a buyer's page makes, one function each.
import { get, newKey, patch, post, remove } from "./client.ts";
import type {
  Availability,
  CodeOpens,
  EventDetail,
  EventList,
  Hold,
  HoldPatch,
  HoldRequest,
  Mail,
  MailList,
  Order,
  OrderRequest,
  Ticket,
} from "./types.ts";

const part = encodeURIComponent;
const event = (id: string): string => `/api/v1/events/${part(id)}`;

export const listEvents = (
  cursor?: string | null,
  query?: string,
  city?: string,
): Promise<EventList> => {
  const parameters = new URLSearchParams({ limit: "50" });
  if (cursor) parameters.set("cursor", cursor);
  if (query) parameters.set("q", query);
  if (city) parameters.set("city", city);
  return get(`/api/v1/events?${parameters.toString()}`);
};

export const getEvent = (id: string): Promise<EventDetail> => get(event(id), { fresh: true });

export const getAvailability = (id: string): Promise<Availability> =>
  get(`${event(id)}/availability`, { fresh: true });

export const getPlan = (url: string): Promise<unknown> => get<unknown>(url);

export const streamUrl = (id: string): string => `${event(id)}/stream`;

export const createHold = (id: string, request: HoldRequest): Promise<Hold> =>
  post(`${event(id)}/holds`, request, {
    session: true,
    booking: id,
    idempotencyKey: newKey(),
  });

export const getHold = (id: string, hold: string): Promise<Hold> =>
  get(`${event(id)}/holds/${part(hold)}`, { session: true });

/** Other seats instead, in one step. */
export const changeHold = (id: string, hold: string, request: HoldPatch): Promise<Hold> =>
  patch(`${event(id)}/holds/${part(hold)}`, request, { session: true, booking: id });

export const lookAtCode = (id: string, code: string): Promise<CodeOpens> =>
  post(`${event(id)}/codes`, { code }, { session: true });

/** Where a page says in its last moment that it goes. */
export const leaveUrl = (id: string, hold: string): string =>
  `${event(id)}/holds/${part(hold)}/leave`;

export const releaseHold = (id: string, hold: string): Promise<void> =>
  remove(`${event(id)}/holds/${part(hold)}`, { session: true });

/** The hold with the code's prices. */
export const usePromo = (id: string, hold: string, code: string): Promise<Hold> =>
  post(
    `${event(id)}/holds/${part(hold)}/promo_code`,
    { code },
    { session: true, idempotencyKey: newKey() },
  );

/** The hold with its prices without a promo code. */
export const leavePromo = (id: string, hold: string): Promise<Hold> =>
  remove<Hold>(`${event(id)}/holds/${part(hold)}/promo_code`, { session: true });

/** `key` stays the same while the buyer sends the same form again. */
export const createOrder = (id: string, request: OrderRequest, key: string): Promise<Order> =>
  post(`${event(id)}/orders`, request, { session: true, booking: id, idempotencyKey: key });

export const getOrder = (id: string, order: string): Promise<Order> =>
  get(`${event(id)}/orders/${part(order)}`, { session: true });

export const cancelOrder = (id: string, order: string): Promise<Order> =>
  post(`${event(id)}/orders/${part(order)}/cancel`, undefined, {
    session: true,
    idempotencyKey: `cancel-${order}`,
  });

export const getTicket = (ticket: string): Promise<Ticket> =>
  get(`/api/v1/tickets/${part(ticket)}`, { session: true });

export const listMail = (cursor?: string | null): Promise<MailList> =>
  get(`/api/v1/mailbox${cursor ? `?cursor=${part(cursor)}` : ""}`);

export const getMail = (mail: string): Promise<Mail> => get(`/api/v1/mailbox/${part(mail)}`);
