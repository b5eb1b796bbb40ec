// An order as its page shows it: what the server says, asked again while something is on its way;
// until it says something, what this browser kept of it.
import { batch, signal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { getEvent, getOrder } from "../../api/shop.ts";
import type { EventDetail, Order } from "../../api/types.ts";
import { keptOrder, orderPath } from "../../sw/kept.ts";
import { lookAgainMs } from "./words.ts";

const AFTER_FAILURE_MS = 5000;
/** An answer that takes so long is as good as none, for somebody who stands at a door. */
const PATIENCE_MS = 4000;

export interface Old {
  /** When it was so. */
  since: number;
  /** The server answers, but no longer knows who we are. */
  lost: boolean;
}

export class OrderModel {
  readonly order = signal<Order | null>(null);
  readonly event = signal<EventDetail | null>(null);
  readonly failure = signal<Problem | null>(null);
  /** How often it was looked at: after a while a pending order offers the way back to payment. */
  readonly looks = signal(0);
  /** What is shown was kept and not heard again; null: it is what the server says now. */
  readonly old = signal<Old | null>(null);
  /** The tickets are there without a network, too. */
  readonly kept = signal(false);

  private readonly eventId: string;
  private readonly orderId: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gone = false;
  private looking = false;
  private heard: number | null = null;
  private about: Promise<EventDetail> | null = null;

  constructor(eventId: string, orderId: string) {
    this.eventId = eventId;
    this.orderId = orderId;
  }

  start(): () => void {
    const seen = (): void => {
      if (document.hidden || this.looking) return;
      clearTimeout(this.timer);
      void this.look();
    };
    void this.recall();
    void this.look();
    // Who comes back to an old page sees what became of the order meanwhile.
    document.addEventListener("visibilitychange", seen);
    addEventListener("online", seen);
    return () => {
      this.gone = true;
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", seen);
    };
  }

  /** Tickets that were kept are there at once, whatever the network does. */
  private async recall(): Promise<void> {
    const kept = await keptOrder(orderPath(this.eventId, this.orderId));
    if (!kept || this.order.value || this.gone) return;
    this.heard = kept.heard;
    const missed = this.failure.value;
    batch(() => {
      this.order.value = kept.order;
      this.event.value ??= kept.event;
      this.failure.value = null;
      if (missed) this.miss(missed);
      else if (!navigator.onLine) this.isOld();
    });
  }

  private later(ms: number): void {
    if (!this.gone) this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    this.looking = true;
    const slow = setTimeout(() => this.isOld(), PATIENCE_MS);
    const about = this.aboutEvent();
    about.catch(() => undefined);
    try {
      const order = await getOrder(this.eventId, this.orderId);
      if (!this.gone) this.take(order, about);
    } catch (thrown) {
      if (!this.gone) this.miss(asProblem(thrown));
    } finally {
      clearTimeout(slow);
      this.looking = false;
    }
  }

  /** Asked once, and again only when it could not be told. */
  private aboutEvent(): Promise<EventDetail> {
    this.about ??= getEvent(this.eventId).catch((reason: unknown) => {
      this.about = null;
      throw reason;
    });
    return this.about;
  }

  private take(order: Order, about: Promise<EventDetail>): void {
    this.heard = Date.now();
    batch(() => {
      this.order.value = order;
      this.old.value = null;
      this.looks.value++;
    });
    const wait = lookAgainMs(order, this.looks.value);
    if (wait !== null) this.later(wait);
    void this.keep(order, about).catch(() => undefined);
  }

  private async keep(order: Order, about: Promise<EventDetail>): Promise<void> {
    const event = await about;
    if (this.gone) return;
    this.event.value = event;
    const { keep } = await import("./keep.ts");
    this.kept.value = await keep(order, event);
  }

  private miss(problem: Problem): void {
    if (!this.order.value) {
      this.failure.value = problem;
      return;
    }
    // Who lost the session still has what was kept; asking on would change nothing.
    const lost = problem.status === 404;
    this.isOld(lost);
    if (!lost) this.later(AFTER_FAILURE_MS);
  }

  private isOld(lost = false): void {
    if (this.heard !== null) this.old.value = { since: this.heard, lost };
  }
}
