// What the seat page knows and can do: the hall and who has what in it, the buyer's picks, the hold
// made of them, and what went wrong. The views (list, map, tray) only show it and call it.
import { batch, computed, signal } from "@preact/signals";
import { asProblem, Problem } from "../../api/problem.ts";
import { watchEvent } from "../../api/live.ts";
import {
  cancelOrder,
  changeHold,
  createHold,
  getAvailability,
  getEvent,
  getHold,
  lookAtCode,
  releaseHold,
} from "../../api/shop.ts";
import type {
  Availability,
  Best,
  EventDetail,
  Hold,
  HoldRequest,
  Money,
  PriceCategory,
  StreamAvailability,
} from "../../api/types.ts";
import { dark } from "../../design/theme.ts";
import { seatByGuid, seatGuid, soldWith, without } from "../../seatmap/geometry.ts";
import { nearestTogether } from "../../seatmap/nearest.ts";
import { coloursByIndex } from "../../seatmap/palette.ts";
import { AVAILABLE, unpackBits } from "../../seatmap/states.ts";
import type { Saving } from "../../shop/quote.ts";
import { packagesOf } from "../../shop/quote.ts";
import type { Deadline } from "../../shop/clock.ts";
import { deadline, opening, whenOver } from "../../shop/clock.ts";
import {
  keepHold,
  keepPicks,
  keptCode,
  keptHold,
  keptPicks,
} from "../../shop/store.ts";
import type { Code } from "./access-code.ts";
import { AccessCode } from "./access-code.ts";
import type { HallView, LoadedHall } from "./hall.ts";
import { isOfAnotherPlan, loadHall } from "./hall.ts";
import { enterWaitingRoom, mustWait } from "../../shop/waiting.ts";
import { offersFor } from "./single.ts";

export interface Conflict {
  lost: number[];
  /** Seats that our picks would leave alone; the offers are whole picks then. */
  alone: number[];
  rest: number[];
  offers: number[][];
}

/** What else the best seats shall be like. */
export type Wishes = Pick<Best, "price_min" | "price_max" | "section"> & { accessible: number };

/** What there is to say beside problems and conflicts. */
export type Notice = "released" | "over" | "limit" | "together" | "joined" | "replanned";

export type Busy = "none" | "holding" | "best" | "releasing" | "code";

/** New prices are fetched at a moment of each page's own: all of them hear of it at once. */
const PRICES_WITHIN_MS = 3000;
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
  readonly notice = signal<Notice | null>(null);
  readonly busy = signal<Busy>("none");
  readonly focusSeat = signal(-1);
  readonly people = signal(2);
  readonly bestCategory = signal<number | null>(null);
  readonly wishes = signal<Wishes>({ accessible: 0 });
  private readonly access: AccessCode;
  readonly code: AccessCode["inForce"];
  readonly codeProblem: AccessCode["problem"];
  /** The held seats are being swapped: picks are what the hold shall become. */
  readonly changing = signal(false);

  /** Set by the map while it is there. */
  lookAt: (seats: readonly number[]) => void = () => {};
  lookAtSection: (section: number) => void = () => {};

  private stops: (() => void)[] = [];
  private endStop: () => void = () => {};
  private fetching: Promise<void> | null = null;
  private gone = false;

  constructor(id: string) {
    this.id = id;
    this.access = new AccessCode(id, () => this.openSeats());
    this.code = this.access.inForce;
    this.codeProblem = this.access.problem;
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

  /** Before the public sale, with a code that is open already: only its places are for sale. */
  readonly presale = computed(() => {
    const opens = this.code.value?.opens;
    return this.event.value?.sale.state === "upcoming" && !!opens?.open && opens.opens_at !== null;
  });
  readonly shut = computed(
    () => this.event.value?.sale.state === "upcoming" && !this.presale.value,
  );

  readonly picked = computed(() => {
    let n = this.picks.value.length;
    for (const quantity of this.quantities.value.values()) n += quantity;
    return n;
  });

  /** Whether the best seats shall be like something, beyond their price category. */
  readonly wishful = computed(() => {
    const { accessible, price_min, price_max, section } = this.wishes.value;
    return accessible > 0 || [price_min, price_max, section].some((each) => each !== undefined);
  });
  /** The last problem is that no seats fit what the best seats shall be like. */
  readonly noBest = computed(() => {
    const code = this.problem.value?.code;
    if (code === "not_enough_available") return this.picked.value === 0;
    return code === "no_adjacent_seats";
  });

  readonly total = computed<Money>(() => {
    const event = this.event.value;
    const money: Money = { amount: 0, currency: event?.currency ?? "EUR" };
    for (const seat of this.picks.value) money.amount += this.priceOfSeat(seat)?.amount ?? 0;
    for (const [area, quantity] of this.quantities.value)
      money.amount += quantity * (this.priceOfArea(area)?.amount ?? 0);
    for (const { amount } of this.savings.value) money.amount -= amount;
    return money;
  });

  /** What packages take off of what is picked; fees of free places are not paid either. */
  readonly savings = computed<Saving[]>(() => {
    const event = this.event.value;
    const view = this.view.value;
    const picked: number[] = view ? this.picks.value.map((seat) => view.priceOf[view.hall.category[seat]]) : [];
    for (const [id, quantity] of this.quantities.value) {
      const area = event?.areas.find((each) => each.id === id);
      if (area) picked.push(...new Array<number>(quantity).fill(area.price_category));
    }
    const categories = picked.flatMap((index) => this.priceCategory(index) ?? []);
    const units = categories.map(({ name, price }) => ({ category: name, price: price.amount }));
    return packagesOf(units, event?.packages ?? []).map(({ pack, free }) => ({
      why: pack,
      amount: free
        .filter((i) => units[i].price > 0)
        .reduce((sum, i) => sum + units[i].price + categories[i].fee.amount, 0),
    }));
  });

  // ---- start and end ------------------------------------------------------------------------

  async start(): Promise<void> {
    try {
      const loaded = await loadHall(this.id, (event) => this.know(event));
      if (this.gone) return;
      if (mustWait(loaded.event)) {
        enterWaitingRoom(this.id);
        return;
      }
      this.show(loaded, null);
      const code = keptCode(this.id);
      if (code !== null && loaded.event.access_codes) await this.enterCode(code);
      if (this.gone) return;
      this.pickAgain(keptPicks(this.id));
      this.stops.push(
        watchEvent(this.id, {
          onAvailability: (delta) => this.take(delta),
          onEvent: (change) => {
            const now = this.event.value;
            if (now) this.know({ ...now, status: change.status, sale: change.sale });
            setTimeout(() => void this.knowPrices(), Math.random() * PRICES_WITHIN_MS);
          },
          onPoll: () => void this.refetch(),
        }),
      );
      await this.restoreHold();
    } catch (thrown) {
      this.failure.value = asProblem(thrown);
    }
  }

  /** Prices may have changed; a hold keeps its own. */
  private async knowPrices(): Promise<void> {
    const fresh = await getEvent(this.id).catch(() => null);
    const now = this.event.value;
    if (!fresh || !now || this.gone) return;
    const { price_categories, packages } = fresh;
    this.know({ ...now, price_categories, packages });
  }

  private know(event: EventDetail): void {
    const before = this.event.value?.sale.state;
    batch(() => {
      if (!this.event.value) this.people.value = Math.min(2, event.limits.per_hold);
      this.event.value = event;
      this.opensAt.value = opening(event.sale);
    });
    this.openSeats();
    if (before === "upcoming" && event.sale.state !== before) this.access.lookAgainIn(0);
  }

  // ---- access codes -------------------------------------------------------------------------

  async enterCode(text: string): Promise<void> {
    if (this.busy.value === "code") return;
    this.busy.value = "code";
    await this.access.enter(text);
    this.busy.value = "none";
  }

  forgetCode(): void {
    this.access.forget();
  }

  /** Brings the seats that the code keeps for us into view. */
  showKept(): void {
    const view = this.view.value;
    if (view) this.lookAt([...view.hall.kind.keys()].filter((seat) => this.isKept(seat)));
  }

  private isKept(seat: number): boolean {
    return !!this.view.value?.states.keeps(seat) && this.isFree(seat);
  }

  /** Seats that the code opens are free for us, whatever the public picture says. */
  private openSeats(): void {
    const states = this.view.value?.states;
    const seats = this.code.value?.opens.seats ?? "";
    if (!states) return;
    states.open(
      seats === ""
        ? null
        : { seats: unpackBits(seats, states.states.length), only: this.presale.value },
    );
    this.changed();
  }

  /** Places of an area that we may have. */
  leftIn(area: string): number {
    const kept = this.code.value?.opens.areas.find((each) => each.id === area)?.available ?? 0;
    return (this.presale.value ? 0 : (this.areasLeft.value.get(area) ?? 0)) + kept;
  }

  /** Asks whether the sale is open by now; a failed call is asked again by the countdown. */
  async lookForOpening(): Promise<void> {
    const event = await getEvent(this.id).catch(() => null);
    if (event && !this.gone) this.know(event);
  }

  stop(): void {
    this.gone = true;
    this.endStop();
    this.access.stop();
    for (const stop of this.stops) stop();
  }

  /** Begins to show a hall, the first or a changed one, in which nothing is picked yet. */
  private show({ view, availability }: LoadedHall, code: Code | null): void {
    batch(() => {
      this.view.value = view;
      this.picks.value = [];
      this.conflict.value = null;
      this.focusSeat.value = -1;
      this.wishes.value = { ...this.wishes.value, section: undefined };
      this.countAreas(availability);
    });
    this.access.use(code);
  }

  /** The organiser changed the seating plan: all is drawn anew, and what was picked stays so. */
  private async replan(): Promise<void> {
    const loaded = await loadHall(this.id, (event) => this.know(event));
    const code = this.code.value; // it names seats by their places in the plan
    const opens = code && (await lookAtCode(this.id, code.text).catch(() => null));
    if (this.gone) return;
    const picks = this.guidsOf(this.picks.value);
    this.show(loaded, code && opens && { text: code.text, opens });
    this.pickAgain(picks);
  }

  /** Places left by area, also for events without a plan. */
  readonly areasLeft = signal<ReadonlyMap<string, number>>(new Map());
  private areasVersion = -1;

  private countAreas({ version, areas }: Availability): void {
    this.areasVersion = version;
    this.areasLeft.value = new Map(areas.map((area) => [area.id, area.available]));
  }

  private refetch(): Promise<void> {
    this.fetching ??= getAvailability(this.id)
      .then((availability) => {
        const view = this.view.value;
        if (view && isOfAnotherPlan(availability, view.hall)) return this.replan();
        view?.states.load(availability);
        this.countAreas(availability);
        this.changed();
        return undefined;
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
    const lost = this.picks.value.filter((seat) => !this.isFree(seat));
    if (lost.length > 0) this.lose(lost);
  }

  /** Picks what was picked before; what is taken by now, or in the plan no more, is told. */
  private pickAgain(guids: readonly string[]): void {
    const view = this.view.value;
    if (!view) return;
    const seats = guids.flatMap((guid) => seatByGuid(view.hall, guid) ?? []);
    this.setPicks(seats);
    if (seats.length < guids.length) this.notice.value = "replanned";
    this.lose(seats.filter((seat) => !this.isFree(seat)));
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
    if (this.changing.value && this.heldSeats.value.includes(seat)) return true;
    return this.view.value?.states.states[seat] === AVAILABLE;
  }

  /** Picks or drops a seat, with those that are sold together with it. */
  toggle(seat: number): void {
    const view = this.view.value;
    const event = this.event.value;
    const picks = this.picks.value;
    if (!view || !event || (this.hold.value && !this.changing.value)) return;
    if (picks.includes(seat)) {
      this.pick(without(view.hall, picks, seat), null);
      return;
    }
    const wanted = soldWith(view.hall, seat)
      .filter((each) => !picks.includes(each))
      .sort((a, b) => a - b);
    if (!this.isFree(seat) || this.priceOfSeat(seat) === null) return;
    if (!wanted.every((each) => this.isFree(each))) this.pick(picks, "together");
    else if (picks.length + wanted.length > event.limits.per_hold) this.pick(picks, "limit");
    else this.pick([...picks, ...wanted], wanted.length > 1 ? "joined" : null);
  }

  private pick(seats: readonly number[], notice: Notice | null): void {
    batch(() => {
      this.notice.value = notice;
      this.problem.value = null;
      this.conflict.value = null;
      if (seats.length > 0) this.quantities.value = new Map();
      this.setPicks(seats);
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
    if (this.view.value && !this.changing.value) keepPicks(this.id, this.guidsOf(seats));
  }

  private guidsOf(seats: readonly number[]): string[] {
    const hall = this.view.value?.hall;
    return hall ? seats.map((seat) => seatGuid(hall, seat)) : [];
  }

  // ---- holding ------------------------------------------------------------------------------

  /** Holds what is picked; the hold's id when it worked. */
  async holdPicks(): Promise<string | null> {
    const hold = this.hold.value;
    const seats = this.guidsOf(this.picks.value);
    if (hold)
      return this.ask(() => changeHold(this.id, hold.id, { seats, ...this.access.member() }), "holding");
    const areas = [...this.quantities.value].map(([id, quantity]) => ({ id, quantity }));
    const request: HoldRequest = areas.length > 0 ? { areas } : { seats };
    return this.ask(() => createHold(this.id, { ...request, ...this.access.member() }), "holding");
  }

  async holdBest(): Promise<string | null> {
    const quantity = this.people.value;
    const best: Best = {
      ...this.wishes.value,
      accessible: Math.min(this.wishes.value.accessible, quantity),
      category: this.bestCategory.value,
      quantity,
    };
    return this.ask(() => createHold(this.id, { best, ...this.access.member() }), "best");
  }

  /** Swaps start from what is held. */
  startChange(): void {
    batch(() => {
      this.changing.value = true;
      this.pick(this.heldSeats.value, null);
    });
  }

  endChange(): void {
    batch(() => {
      this.pick([], null);
      this.changing.value = false;
    });
  }

  /** Whether a swap would change anything. */
  readonly differs = computed(() => {
    const held = this.heldSeats.value;
    const picks = this.picks.value;
    return picks.length !== held.length || picks.some((seat) => !held.includes(seat));
  });

  private async ask(call: () => Promise<Hold>, busy: Busy): Promise<string | null> {
    if (this.busy.value !== "none") return null;
    batch(() => {
      this.busy.value = busy;
      this.problem.value = null;
      this.notice.value = null;
      this.conflict.value = null;
    });
    try {
      const hold = await call();
      this.changing.value = false;
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
    if (problem.code === "single_seat_left" && view) {
      const alone = problem.seats.flatMap((guid) => seatByGuid(view.hall, guid) ?? []);
      const most = this.event.value?.limits.per_hold ?? 0;
      const offers = offersFor(view.hall, this.picks.value, alone, most).filter((seats) =>
        seats.every((seat) => this.isFree(seat)),
      );
      this.conflict.value = { lost: [], alone, rest: [], offers };
      return;
    }
    if (problem.code === "not_admitted") {
      enterWaitingRoom(this.id);
      return;
    }
    this.problem.value = problem;
    if (problem.code === "code_unknown") this.forgetCode();
    if (problem.status === 410) this.lostHold("over");
    if (problem.code === "not_enough_available") await this.refetch();
  }

  private lose(lost: readonly number[]): void {
    const view = this.view.value;
    if (!view || lost.length === 0) return;
    const rest = lost.reduce((picks, seat) => without(view.hall, picks, seat), [
      ...this.picks.value,
    ]);
    const taken = new Set(rest);
    const before = this.conflict.value?.lost ?? [];
    const offers = nearestTogether(
      view.hall,
      lost,
      lost.length,
      (seat) =>
        this.isFree(seat) &&
        !taken.has(seat) &&
        this.priceOfSeat(seat) !== null &&
        soldWith(view.hall, seat).length === 1,
      OFFERS,
    );
    batch(() => {
      this.conflict.value = {
        lost: [...new Set([...before, ...lost])],
        alone: [],
        rest,
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

  private lostHold(notice: Notice): void {
    this.endStop();
    keepHold(this.id, null);
    batch(() => {
      this.hold.value = null;
      this.end.value = null;
      this.changing.value = false;
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
