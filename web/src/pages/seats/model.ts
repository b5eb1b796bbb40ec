// What the seat page knows and can do: the hall and who has what in it, the buyer's picks, the hold
// made of them, and what went wrong. The views (list, map, tray) only show it and call it.
import { batch, computed, signal } from "@preact/signals";
import { asProblem, Problem } from "../../api/problem.ts";
import { watchEvent } from "../../api/live.ts";
import {
  cancelOrder,
  createHold,
  getAvailability,
  getEvent,
  getHold,
  getPlan,
  releaseHold,
} from "../../api/shop.ts";
import type {
  EventDetail,
  Hold,
  HoldRequest,
  Money,
  PriceCategory,
  StreamAvailability,
} from "../../api/types.ts";
import { dark, wide } from "../../design/theme.ts";
import type { Hall } from "../../seatmap/geometry.ts";
import { decodeHall, seatByGuid, seatGuid, turnHall, wantsTurn } from "../../seatmap/geometry.ts";
import { Grid } from "../../seatmap/grid.ts";
import { nearestTogether } from "../../seatmap/nearest.ts";
import { coloursByIndex, priceOfPlanCategory } from "../../seatmap/palette.ts";
import { AVAILABLE, SeatStates } from "../../seatmap/states.ts";
import type { Deadline } from "../../shop/clock.ts";
import { deadline, opening, whenOver } from "../../shop/clock.ts";
import { keepHold, keepPicks, keptHold, keptPicks } from "../../shop/store.ts";

export interface HallView {
  hall: Hall;
  grid: Grid;
  states: SeatStates;
  /** Price category index of each plan category, -1 when not sold. */
  priceOf: Int16Array;
}

export interface Conflict {
  lost: number[];
  rest: number[];
  offers: number[][];
}

export type Busy = "none" | "holding" | "best" | "releasing";

const OFFERS = 3;

export class SeatsModel {
  readonly id: string;
  readonly event = signal<EventDetail | null>(null);
  /** When the sale opens, by the page's own clock. */
  readonly opensAt = signal<number | null>(null);
  readonly view = signal<HallView | null>(null);
  readonly failure = signal<Problem | null>(null);
  /** Rises whenever states change; views that read `states` read this too. */
  readonly version = signal(0);
  readonly filter = signal<ReadonlySet<number>>(new Set());
  readonly picks = signal<readonly number[]>([]);
  readonly quantities = signal<ReadonlyMap<string, number>>(new Map());
  readonly hold = signal<Hold | null>(null);
  readonly end = signal<Deadline | null>(null);
  readonly conflict = signal<Conflict | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly notice = signal<"released" | "over" | "limit" | null>(null);
  readonly busy = signal<Busy>("none");
  readonly focusSeat = signal(-1);
  readonly people = signal(2);
  readonly bestCategory = signal<number | null>(null);

  /** Set by the map while it is there. */
  lookAt: (seats: readonly number[]) => void = () => {};
  lookAtSection: (section: number) => void = () => {};

  private stops: (() => void)[] = [];
  private endStop: () => void = () => {};
  private fetching: Promise<void> | null = null;
  private gone = false;

  constructor(id: string) {
    this.id = id;
  }

  readonly colours = computed(() =>
    coloursByIndex(this.event.value?.price_categories ?? [], dark.value),
  );

  readonly heldSeats = computed<readonly number[]>(() => {
    const view = this.view.value;
    const hold = this.hold.value;
    if (!view || !hold) return [];
    return hold.items.flatMap((item) =>
      item.seat === undefined ? [] : (seatByGuid(view.hall, item.seat) ?? []),
    );
  });

  readonly picked = computed(() => {
    let n = this.picks.value.length;
    for (const quantity of this.quantities.value.values()) n += quantity;
    return n;
  });

  readonly total = computed<Money>(() => {
    const event = this.event.value;
    const money: Money = { amount: 0, currency: event?.currency ?? "EUR" };
    for (const seat of this.picks.value) money.amount += this.priceOfSeat(seat)?.amount ?? 0;
    for (const [area, quantity] of this.quantities.value)
      money.amount += quantity * (this.priceOfArea(area)?.amount ?? 0);
    return money;
  });

  // ---- start and end ------------------------------------------------------------------------

  async start(): Promise<void> {
    try {
      const event = await getEvent(this.id);
      if (this.gone) return;
      this.know(event);
      this.people.value = Math.min(2, event.limits.per_hold);
      if (event.plan_url !== null) await this.loadHall(event.plan_url, event.price_categories);
      else await this.refetch();
      if (this.gone) return;
      this.restorePicks();
      this.stops.push(
        watchEvent(this.id, {
          onAvailability: (delta) => this.take(delta),
          onEvent: (change) => {
            const now = this.event.value;
            if (now) this.know({ ...now, status: change.status, sale: change.sale });
          },
          onPoll: () => void this.refetch(),
        }),
      );
      await this.restoreHold();
    } catch (thrown) {
      this.failure.value = asProblem(thrown);
    }
  }

  private know(event: EventDetail): void {
    batch(() => {
      this.event.value = event;
      this.opensAt.value = opening(event.sale);
    });
  }

  /** Asks whether the sale is open by now; a failed call is asked again by the countdown. */
  async lookForOpening(): Promise<void> {
    const event = await getEvent(this.id).catch(() => null);
    if (event && !this.gone) this.know(event);
  }

  stop(): void {
    this.gone = true;
    this.endStop();
    for (const stop of this.stops) stop();
  }

  private async loadHall(url: string, prices: readonly PriceCategory[]): Promise<void> {
    const [plan, availability] = await Promise.all([getPlan(url), getAvailability(this.id)]);
    const drawn = decodeHall(plan);
    const hall = !wide.value && wantsTurn(drawn) ? turnHall(drawn) : drawn;
    const states = new SeatStates(hall);
    states.load(availability);
    this.view.value = {
      hall,
      grid: new Grid(hall),
      states,
      priceOf: priceOfPlanCategory(hall, prices),
    };
    this.areasLeft.value = states.areas;
    this.version.value++;
  }

  /** Places left by area, also for events without a plan. */
  readonly areasLeft = signal<ReadonlyMap<string, number>>(new Map());
  private areasVersion = -1;

  private refetch(): Promise<void> {
    this.fetching ??= getAvailability(this.id)
      .then((availability) => {
        this.view.value?.states.load(availability);
        this.areasVersion = availability.version;
        this.areasLeft.value = new Map(availability.areas.map((area) => [area.id, area.available]));
        this.changed();
      })
      .catch(() => undefined) // the next message or poll asks again
      .finally(() => {
        this.fetching = null;
      });
    return this.fetching;
  }

  private take(delta: StreamAvailability): void {
    const states = this.view.value?.states;
    if (!states) {
      if (delta.version > this.areasVersion) void this.refetch();
      return;
    }
    const reading = states.apply(delta);
    if (reading === "refetch")
      setTimeout(() => void this.refetch(), Math.random() * (delta.jitter_ms ?? 0));
    else if (reading === "applied") {
      if (delta.areas) this.areasLeft.value = new Map(states.areas);
      this.changed();
    }
  }

  /** After new states: picks that somebody else has by now are shown as lost. */
  private changed(): void {
    const view = this.view.value;
    this.version.value++;
    if (!view || this.busy.value === "holding") return;
    const lost = this.picks.value.filter((seat) => view.states.states[seat] !== AVAILABLE);
    if (lost.length > 0) this.lose(lost);
  }

  private restorePicks(): void {
    const view = this.view.value;
    if (!view) return;
    this.picks.value = keptPicks(this.id).flatMap((guid) => {
      const seat = seatByGuid(view.hall, guid);
      return seat !== undefined && view.states.states[seat] === AVAILABLE ? [seat] : [];
    });
  }

  private async restoreHold(): Promise<void> {
    const kept = keptHold(this.id);
    if (!kept) return;
    try {
      this.own(await getHold(this.id, kept.hold));
    } catch (thrown) {
      const { status } = asProblem(thrown);
      if (status === 404 || status === 410) keepHold(this.id, null);
    }
  }

  // ---- prices -------------------------------------------------------------------------------

  priceCategory(index: number): PriceCategory | undefined {
    return this.event.value?.price_categories.find((each) => each.index === index);
  }

  priceOfSeat(seat: number): Money | null {
    const view = this.view.value;
    if (!view) return null;
    return this.full(view.priceOf[view.hall.category[seat]]);
  }

  priceOfArea(id: string): Money | null {
    const area = this.event.value?.areas.find((each) => each.id === id);
    return area ? this.full(area.price_category) : null;
  }

  private full(index: number): Money | null {
    const category = this.priceCategory(index);
    if (!category) return null;
    return {
      amount: category.price.amount + category.fee.amount,
      currency: category.price.currency,
    };
  }

  wantsPlanCategory = (category: number): boolean => {
    const view = this.view.value;
    if (!view) return true;
    const price = view.priceOf[category];
    return price >= 0 && (this.filter.value.size === 0 || this.filter.value.has(price));
  };

  toggleFilter(index: number): void {
    const next = new Set(this.filter.value);
    if (!next.delete(index)) next.add(index);
    if (next.size === (this.event.value?.price_categories.length ?? 0)) next.clear();
    this.filter.value = next;
    this.bestCategory.value = next.size === 1 ? [...next][0] : null;
  }

  // ---- picking ------------------------------------------------------------------------------

  isFree(seat: number): boolean {
    return this.view.value?.states.states[seat] === AVAILABLE;
  }

  toggle(seat: number): void {
    if (this.hold.value) return;
    const event = this.event.value;
    const at = this.picks.value.indexOf(seat);
    if (at < 0 && (!this.isFree(seat) || this.priceOfSeat(seat) === null)) return;
    batch(() => {
      this.notice.value = null;
      this.problem.value = null;
      if (at >= 0) this.setPicks(this.picks.value.filter((each) => each !== seat));
      else if (event && this.picks.value.length >= event.limits.per_hold)
        this.notice.value = "limit";
      else {
        this.quantities.value = new Map();
        this.conflict.value = null;
        this.setPicks([...this.picks.value, seat]);
      }
    });
  }

  setQuantity(area: string, quantity: number): void {
    const next = new Map(this.quantities.value);
    if (quantity <= 0) next.delete(area);
    else next.set(area, quantity);
    batch(() => {
      this.quantities.value = next;
      this.setPicks([]);
      this.notice.value = null;
      this.problem.value = null;
    });
  }

  clear(): void {
    batch(() => {
      this.setPicks([]);
      this.quantities.value = new Map();
      this.conflict.value = null;
      this.problem.value = null;
      this.notice.value = null;
    });
  }

  private setPicks(seats: readonly number[]): void {
    this.picks.value = seats;
    const hall = this.view.value?.hall;
    if (hall)
      keepPicks(
        this.id,
        seats.map((seat) => seatGuid(hall, seat)),
      );
  }

  // ---- holding ------------------------------------------------------------------------------

  /** Holds what is picked; the hold's id when it worked. */
  async holdPicks(): Promise<string | null> {
    const view = this.view.value;
    const areas = [...this.quantities.value].map(([id, quantity]) => ({ id, quantity }));
    const request: HoldRequest =
      areas.length > 0
        ? { areas }
        : { seats: view ? this.picks.value.map((seat) => seatGuid(view.hall, seat)) : [] };
    return this.ask(request, "holding");
  }

  async holdBest(): Promise<string | null> {
    return this.ask(
      { best: { category: this.bestCategory.value, quantity: this.people.value } },
      "best",
    );
  }

  private async ask(request: HoldRequest, busy: Busy): Promise<string | null> {
    if (this.busy.value !== "none") return null;
    batch(() => {
      this.busy.value = busy;
      this.problem.value = null;
      this.notice.value = null;
      this.conflict.value = null;
    });
    try {
      const hold = await createHold(this.id, request);
      this.own(hold);
      this.setPicks([]);
      this.quantities.value = new Map();
      return hold.id;
    } catch (thrown) {
      await this.refused(asProblem(thrown));
      return null;
    } finally {
      this.busy.value = "none";
    }
  }

  private async refused(problem: Problem): Promise<void> {
    const view = this.view.value;
    if (problem.code === "seat_unavailable" && view) {
      const lost = problem.seats.flatMap((guid) => seatByGuid(view.hall, guid) ?? []);
      await this.refetch();
      this.lose(lost.length > 0 ? lost : this.picks.value.filter((seat) => !this.isFree(seat)));
      return;
    }
    this.problem.value = problem;
    if (problem.code === "not_enough_available") await this.refetch();
  }

  private lose(lost: readonly number[]): void {
    const view = this.view.value;
    if (!view || lost.length === 0) return;
    const rest = this.picks.value.filter((seat) => !lost.includes(seat));
    const taken = new Set(rest);
    const before = this.conflict.value?.lost ?? [];
    const offers = nearestTogether(
      view.hall,
      lost,
      lost.length,
      (seat) => this.isFree(seat) && !taken.has(seat) && this.priceOfSeat(seat) !== null,
      OFFERS,
    );
    batch(() => {
      this.conflict.value = {
        lost: [...new Set([...before, ...lost])],
        rest: [...rest],
        offers,
      };
      this.setPicks(rest);
    });
  }

  takeOffer(seats: readonly number[]): void {
    const { rest } = this.conflict.value ?? { rest: [] };
    batch(() => {
      this.conflict.value = null;
      this.setPicks([...rest, ...seats]);
    });
    this.lookAt(this.picks.value);
  }

  private own(hold: Hold): void {
    this.endStop();
    const event = this.event.value;
    const total = (event?.hold_seconds ?? 600) * 1000;
    const end = deadline(hold.expires_in_ms, total);
    batch(() => {
      this.hold.value = hold;
      this.end.value = end;
    });
    keepHold(this.id, hold.id);
    this.endStop = whenOver(end, () => this.lostHold("over"));
  }

  private lostHold(notice: "over" | "released"): void {
    this.endStop();
    keepHold(this.id, null);
    batch(() => {
      this.hold.value = null;
      this.end.value = null;
      this.notice.value = notice;
    });
    void this.refetch();
  }

  /** A hold that is part of an order is given back by cancelling the order. */
  async release(): Promise<void> {
    const hold = this.hold.value;
    if (!hold || this.busy.value !== "none") return;
    this.busy.value = "releasing";
    try {
      if (hold.order_id === undefined) await releaseHold(this.id, hold.id);
      else await cancelOrder(this.id, hold.order_id);
      this.lostHold("released");
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status === 404 || problem.status === 410) this.lostHold("over");
      else this.problem.value = problem;
    } finally {
      this.busy.value = "none";
    }
  }
}
