// The checkout of one hold: form, order, payment. Each step can be repeated, left by reload and taken
// up again: the order's key and number are kept by the tab, everything else by the server.
import { batch, computed, signal } from "@preact/signals";
import { newKey } from "../../api/client.ts";
import type { FailureCode, Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import type { Challenge, Confirmation } from "../../api/provider.ts";
import { answerSandboxBank, confirmPayment, lookAtPayment, readFields } from "../../api/provider.ts";
import {
  cancelOrder,
  createOrder,
  getEvent,
  getHold,
  getOrder,
  releaseHold,
} from "../../api/shop.ts";
import type {
  EventDetail,
  Hold,
  Order,
  OrderRequest,
  Payment,
  PaymentMethod,
} from "../../api/types.ts";
import { navigate, paths } from "../../app/router.ts";
import type { Key } from "../../i18n/index.ts";
import type { Deadline } from "../../shop/clock.ts";
import { deadline, leftMs, whenOver } from "../../shop/clock.ts";
import type { Fields } from "../../stripe/fields.ts";
import { keepCheckout, keepHold, keptCheckout, keptHold } from "../../shop/store.ts";
import { Promo } from "./promo.ts";
import { meansOf } from "./ways.ts";

export type Phase = "loading" | "form" | "placing" | "paying" | "asking" | "bank" | "ended";

const INTENT_TRIES = 12;
const INTENT_WAIT_MS = 900;
const UNKNOWN_TRIES = 20;
const WAIT_MARGIN_MS = 500;

/** Waits for the provider to come back at least so long, whatever it says. */
const AWAY_LEAST_MS = 2000;
/** The hold was kept longer only if it is by more than this. */
const LONGER_LEAST_MS = 5000;

/** The text for a decline; the provider's own prose is not shown. */
export function declineKey(code: string, declineCode: string | null): Key {
  if (declineCode === "insufficient_funds") return "checkout.funds";
  if (code === "expired_card") return "checkout.expiredCard";
  if (code === "incorrect_cvc") return "checkout.cvc";
  if (code === "payment_intent_authentication_failure") return "checkout.authFailed";
  return code === "card_declined" ? "checkout.declined" : "checkout.notPaid";
}

/** The hold is no more: it ran out, was given back, or never was this buyer's. */
function lostHold(problem: Problem): boolean {
  return (
    problem.code === "hold_expired" ||
    problem.code === "hold_ended" ||
    problem.code === "hold_not_found"
  );
}

/** Why there is nothing to pay here. */
export type Ending = "over" | "done" | "unknown";

/** What a refused hold means. The server forgets old holds; one this tab worked on ran out. */
export function endingOf(code: FailureCode, known: boolean): Ending {
  if (code === "hold_ended") return "done";
  return code === "hold_not_found" && !known ? "unknown" : "over";
}

/** Whether the checkout tells of the end itself: money that came too late is told by the order's page. */
export function endsHere({ reason }: Pick<Order, "reason">): boolean {
  return reason === "out_of_time";
}

type Asked = NonNullable<Problem["challenge"]>;

/** Challenges that one order goes through: a captcha that was refused, another, a wait. */
const CHALLENGES = 4;

/** A captcha that waits for the buyer: the widget's token, or null to wait instead. */
export interface Captcha {
  readonly asked: Asked;
  readonly answer: (token: string | null) => void;
}

/** Payments cannot be started: when it is tried again, and how long the places are kept for it. */
export interface Away {
  readonly again: Deadline;
  /** How much longer than before; 0: they were kept longer already. */
  readonly longerMs: number;
}

/** Work, done unseen in a second or so. */
async function solution(challenge: string, puzzles: number, bits: number): Promise<string> {
  const { workOn } = await import("../../waiting/work.ts");
  return workOn({ challenge, puzzles, bits }, () => undefined, new AbortController().signal);
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class CheckoutModel {
  readonly eventId: string;
  readonly holdId: string;
  readonly event = signal<EventDetail | null>(null);
  /** What is bought and what it costs: the hold, then its order. */
  readonly quote = signal<Hold | Order | null>(null);
  readonly total = computed(() => this.quote.value?.total ?? null);
  readonly end = signal<Deadline | null>(null);
  readonly order = signal<Order | null>(null);
  readonly phase = signal<Phase>("loading");
  readonly ending = signal<Ending>("over");
  readonly decline = signal<Key | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly failure = signal<Problem | null>(null);
  readonly challenge = signal<Challenge | null>(null);
  readonly captcha = signal<Captcha | null>(null);
  /** The provider's own form, while there is one in the page. */
  readonly fields = signal<Fields | null>(null);
  /** Seconds that the order waits instead; 0: it does not. */
  readonly waits = signal(0);
  readonly email = signal("");
  readonly name = signal("");
  readonly way = signal<PaymentMethod>("card");
  readonly card = signal("pm_card_visa");
  readonly debit = signal("pm_success_de");
  readonly promo: Promo;
  readonly away = signal<Away | null>(null);

  private stopTimer: () => void = () => {};
  private stopAway: () => void = () => {};
  private gone = false;

  constructor(eventId: string, holdId: string) {
    this.eventId = eventId;
    this.holdId = holdId;
    const kept = keptCheckout(holdId);
    this.email.value = kept?.email ?? "";
    this.name.value = kept?.name ?? "";
    this.promo = new Promo(eventId, holdId, (hold) => this.takeQuote(hold));
  }

  async start(): Promise<void> {
    // A bank that sends the buyer back says in the address what we ask the provider ourselves.
    if (location.search) history.replaceState(null, "", location.pathname);
    try {
      const event = await getEvent(this.eventId);
      this.event.value = event;
      if (!event.payment_methods.includes("card")) this.way.value = event.payment_methods[0];
      const known = keptCheckout(this.holdId)?.order;
      if (known) await this.resume(known);
      else await this.takeHold();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (lostHold(problem)) this.over(endingOf(problem.code, this.knowsHold()));
      else this.failure.value = problem;
    }
  }

  private knowsHold(): boolean {
    return keptCheckout(this.holdId) !== null || keptHold(this.eventId)?.hold === this.holdId;
  }

  stop(): void {
    this.gone = true;
    this.stopTimer();
    this.stopAway();
  }

  private async takeHold(): Promise<void> {
    const hold = await getHold(this.eventId, this.holdId);
    if (hold.order_id !== undefined) {
      this.remember(hold.order_id);
      await this.resume(hold.order_id);
      return;
    }
    // Opened by its address: from here on this tab works on it, too.
    if (!keptHold(this.eventId)) keepHold(this.eventId, this.holdId);
    batch(() => {
      this.takeQuote(hold);
      this.phase.value = "form";
    });
  }

  private takeQuote(hold: Hold): void {
    this.quote.value = hold;
    this.run(hold.expires_in_ms, this.event.value?.hold_seconds ?? 600);
  }

  /** Goes on with an order that exists. */
  private async resume(id: string): Promise<void> {
    const order = await getOrder(this.eventId, id);
    this.take(order);
    if (order.state !== "pending") {
      this.finish(order);
      return;
    }
    this.phase.value = "form";
    if (order.payment?.intent_id) this.heard(await lookAtPayment(order.payment));
  }

  private take(order: Order): void {
    batch(() => {
      this.order.value = order;
      this.quote.value = order;
      if (order.email) this.email.value = order.email;
      if (order.name) this.name.value = order.name;
      if (order.expires_in_ms !== null)
        this.run(order.expires_in_ms, this.event.value?.pay_seconds ?? 900);
    });
  }

  private run(left: number, seconds: number): void {
    this.stopTimer();
    const end = deadline(left, seconds * 1000);
    this.end.value = end;
    this.stopTimer = whenOver(end, () => void this.timeUp());
  }

  /** The page's time is over; the order may have been paid in its last second. */
  private async timeUp(): Promise<void> {
    const order = this.order.value;
    if (order) {
      const now = await getOrder(this.eventId, order.id).catch(() => null);
      if (now && now.state !== "pending") {
        this.finish(now);
        return;
      }
      if (now?.expires_in_ms) {
        this.take(now);
        return;
      }
    }
    this.over();
  }

  private over(ending: Ending = "over"): void {
    this.stopTimer();
    this.back();
    // Another hold of this event may be this tab's own.
    if (ending !== "unknown") keepHold(this.eventId, null);
    batch(() => {
      this.ending.value = ending;
      this.end.value = null;
      this.phase.value = "ended";
    });
  }

  private remember(order: string | null): void {
    const kept = keptCheckout(this.holdId);
    keepCheckout(this.holdId, {
      email: this.email.value,
      name: this.name.value,
      key: kept?.key ?? newKey(),
      order,
    });
  }

  /** One key for one form: the same again is the same order, a changed form is another request. */
  private orderKey(): string {
    const kept = keptCheckout(this.holdId);
    const same = kept && kept.email === this.email.value && kept.name === this.name.value;
    const key = same ? kept.key : newKey();
    keepCheckout(this.holdId, {
      email: this.email.value,
      name: this.name.value,
      key,
      order: kept?.order ?? null,
    });
    return key;
  }

  // ---- pay ----------------------------------------------------------------------------------

  /** Places the order unless it stands already, then pays it. Doing it twice does nothing. */
  async pay(): Promise<void> {
    if (this.phase.value !== "form" || this.promo.busy.value) return;
    this.back();
    batch(() => {
      this.phase.value = "placing";
      this.problem.value = null;
      this.decline.value = null;
    });
    try {
      const order = this.order.value ?? (await this.place());
      if (order.state !== "pending") {
        this.finish(order);
        return;
      }
      const payment = await this.paymentOf(order);
      const back = location.origin + location.pathname;
      if (payment.provider === "stripe") {
        await this.payWithFields(back);
        return;
      }
      this.phase.value = "paying";
      const means = meansOf({
        way: this.way.value,
        card: this.card.value,
        debit: this.debit.value,
        name: this.name.value,
        email: this.email.value,
      });
      this.heard(await confirmPayment(payment, means, back), this.way.value !== "card");
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code === "hold_has_order") {
        await this.takeHold().catch(() => this.over());
        return;
      }
      if (lostHold(problem)) this.over();
      else if (problem.code === "payment_unavailable") this.wait(problem);
      else {
        this.problem.value = problem;
        this.phase.value = "form";
      }
    }
  }

  /** The provider's own form comes with the order: it is filled in first, then paid with. */
  private async payWithFields(back: string): Promise<void> {
    const fields = this.fields.value;
    if (!fields) {
      this.phase.value = "form";
      return;
    }
    this.phase.value = "paying";
    this.heard(await fields.confirm(back).then(readFields, () => ({ kind: "unknown" })));
  }

  /** Nothing was charged and nothing lost: it goes out again by itself, as long as the places are kept. */
  private wait(problem: Problem): void {
    const before = this.end.value?.at ?? 0;
    const pause = Math.max(problem.retryAfterMs ?? 0, AWAY_LEAST_MS);
    const again = deadline(pause, pause);
    batch(() => {
      if (problem.expiresInMs !== undefined)
        this.run(problem.expiresInMs, this.event.value?.hold_seconds ?? 600);
      const longer = (this.end.value?.at ?? 0) - before;
      this.away.value = { again, longerMs: longer > LONGER_LEAST_MS ? longer : 0 };
      this.phase.value = "form";
    });
    this.stopAway = whenOver(again, () => void this.pay());
  }

  private back(): void {
    this.stopAway();
    this.stopAway = () => {};
    this.away.value = null;
  }

  private async place(): Promise<Order> {
    const name = this.name.value.trim();
    const request = {
      hold_id: this.holdId,
      email: this.email.value.trim(),
      name: name === "" ? null : name,
    };
    const order = await this.placeWith(request, {}, CHALLENGES);
    this.take(order);
    this.remember(order.id);
    return order;
  }

  /** After checkouts that failed again and again a challenge comes first. */
  private async placeWith(
    request: OrderRequest,
    answer: Partial<OrderRequest>,
    tries: number,
  ): Promise<Order> {
    try {
      return await createOrder(this.eventId, { ...request, ...answer }, this.orderKey());
    } catch (thrown) {
      const { challenge } = asProblem(thrown);
      if (!challenge || tries === 0 || this.gone) throw thrown;
      return this.placeWith(request, await this.answerTo(challenge), tries - 1);
    }
  }

  /** What the order says in its next try. */
  private async answerTo(asked: Asked): Promise<Partial<OrderRequest>> {
    const { kind, challenge = "", puzzles = 0, bits = 0, wait_seconds = 0 } = asked;
    if (kind === "captcha") {
      const token = await new Promise<string | null>((answer) => {
        this.captcha.value = { asked, answer };
      });
      this.captcha.value = null;
      return token === null ? { without_work: true } : { captcha: token };
    }
    if (kind === "work") return { challenge, solution: await solution(challenge, puzzles, bits) };
    this.waits.value = wait_seconds;
    await sleep(wait_seconds * 1000 + WAIT_MARGIN_MS);
    this.waits.value = 0;
    return { challenge };
  }

  /** The provider may be slow to give the intent: the order has it once it is there. */
  private async paymentOf(order: Order): Promise<Payment> {
    let { payment } = order;
    for (let n = 0; n < INTENT_TRIES && !payment?.intent_id && !this.gone; n++) {
      await sleep(INTENT_WAIT_MS);
      const fresh = await getOrder(this.eventId, order.id);
      this.take(fresh);
      ({ payment } = fresh);
    }
    if (!payment?.intent_id) throw asProblem(null);
    return payment;
  }

  /** `leave`: the bank has a page of its own, and this one goes there. */
  private heard(confirmation: Confirmation, leave = false): void {
    switch (confirmation.kind) {
      case "accepted":
        if (this.order.value) this.finish(this.order.value);
        break;
      case "waiting":
        this.phase.value = "form";
        break;
      case "declined":
        batch(() => {
          this.decline.value = declineKey(confirmation.code, confirmation.declineCode);
          this.phase.value = "form";
        });
        break;
      case "authenticate":
        // A step of the provider's own, left by a reload: its form takes it up again.
        if (!confirmation.challenge.url && !confirmation.challenge.sandboxPath) {
          this.phase.value = "form";
          break;
        }
        this.challenge.value = confirmation.challenge;
        this.phase.value = "bank";
        if (leave && confirmation.challenge.url) {
          this.challenge.value = { ...confirmation.challenge, sandboxPath: null };
          location.assign(confirmation.challenge.url);
        }
        break;
      case "unknown":
        void this.askUntilKnown();
        break;
    }
  }

  /** Nobody knows whether the bank was reached: look, do not pay again. */
  private async askUntilKnown(): Promise<void> {
    this.phase.value = "asking";
    for (let n = 0; n < UNKNOWN_TRIES && !this.gone && this.phase.value === "asking"; n++) {
      await sleep(Math.min(500 * 1.4 ** n, 5000));
      const order = this.order.value;
      if (!order) break;
      const fresh = await getOrder(this.eventId, order.id).catch(() => null);
      if (!fresh) continue;
      if (fresh.state !== "pending") {
        this.finish(fresh);
        return;
      }
      if (!fresh.payment) continue;
      const now = await lookAtPayment(fresh.payment);
      if (now.kind !== "unknown") {
        this.heard(now);
        return;
      }
    }
    if (this.phase.value === "asking") this.phase.value = "form";
  }

  async answerBank(proved: boolean): Promise<void> {
    const payment = this.order.value?.payment;
    const path = this.challenge.value?.sandboxPath;
    if (!payment || !path || this.phase.value !== "bank") return;
    this.phase.value = "paying";
    this.heard(await answerSandboxBank(payment, path, proved));
  }

  otherCard(): void {
    batch(() => {
      this.challenge.value = null;
      this.phase.value = "form";
    });
  }

  private finish(order: Order): void {
    if (this.gone) return;
    if (endsHere(order)) {
      this.over();
      return;
    }
    keepHold(this.eventId, null);
    navigate(paths.order(this.eventId, order.id), { replace: true });
  }

  /** A real provider's form is in the page, or will be once the order stands. */
  get ownForm(): boolean {
    return (this.order.value?.payment ?? this.event.value?.payment)?.provider === "stripe";
  }

  /** Whether there is something to give back, and nothing under way that could still buy it. */
  get canGiveBack(): boolean {
    return this.phase.value === "form" && leftMs(this.end.value) > 0;
  }

  /** Gives everything back and goes on, to the seats if to nowhere else. */
  async giveBack(go = () => navigate(paths.seats(this.eventId), { replace: true })): Promise<void> {
    const order = this.order.value;
    try {
      if (order) await cancelOrder(this.eventId, order.id);
      else await releaseHold(this.eventId, this.holdId);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status !== 404 && problem.status !== 410) {
        this.problem.value = problem;
        return;
      }
    }
    this.stopTimer();
    keepHold(this.eventId, null);
    go();
  }
}
