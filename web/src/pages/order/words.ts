// What became of an order, in words: a title by its reason, and the API's own sentence for it.
import type { Order, OrderReason } from "../../api/types.ts";
import type { Key } from "../../i18n/index.ts";

/** Titles that the state alone does not give. */
const TITLES: Partial<Record<OrderReason, Key>> = {
  declined: "order.declined",
  bank_takes_time: "order.onItsWay",
  being_captured: "order.wait",
  too_late_returned: "order.late",
  late_refunded: "order.late",
  dispute_lost: "order.takenBack",
  disputed: "order.disputed",
};

type Told = Pick<Order, "state" | "reason">;

export function titleOf({ state, reason }: Told): Key {
  return TITLES[reason] ?? (state === "paid" || state === "processing" ? "order.wait" : `order.${state}`);
}

/** The API's sentence. Orders with tickets or about to have them need none. */
export function toldOf({ state, reason }: Told): Key | null {
  if (reason === "paid" || reason === "being_captured") return null;
  return state === "partially_refunded" ? "told.refunded_in_part" : `told.${reason}`;
}

/** Until when what the order waits for will have come, in words of `say`; null: that is open. */
export function untilOf({
  state,
  expires_at: bank,
  review_until: review,
}: Pick<Order, "state" | "expires_at" | "review_until">): { say: Key; at: string } | null {
  if (review !== null) return { say: "order.reviewUntil", at: review };
  return state === "processing" && bank !== null ? { say: "order.keptUntil", at: bank } : null;
}

/** What the page offers as the next step. */
export function nextOf({ state, reason }: Told): "pay" | "choose" | null {
  if (state === "pending") return "pay";
  const free: readonly OrderReason[] = ["late_refunded", "refunded", "dispute_lost"];
  return state === "failed" || state === "cancelled" || state === "expired" || free.includes(reason)
    ? "choose"
    : null;
}

/** How long until the page looks again; null: nothing is on its way. `n` counts the looks. */
export function lookAgainMs(order: Told & Pick<Order, "refunds">, n: number): number | null {
  const moves = order.state === "pending" || order.state === "processing";
  const refunds = order.refunds.some((refund) => refund.state === "pending");
  if (!moves && !refunds) return null;
  const longest = order.reason === "bank_takes_time" || refunds ? 15_000 : 5000;
  return Math.min(350 * 1.35 ** n, longest);
}
