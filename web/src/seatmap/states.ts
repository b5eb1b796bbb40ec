// What each seat is worth to a buyer right now: the 2-bit vector unpacked to a byte a seat, kept up
// to date by deltas, with counts for every section and price category.
import type { Availability, StreamAvailability } from "../api/types.ts";
import type { Hall } from "./geometry.ts";

export const AVAILABLE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;

/** Unpacks base64 of 2-bit states; seat i is bits 2i and 2i+1, lowest bits first. */
export function unpack(base64: string, count: number): Uint8Array {
  const text = atob(base64);
  const states = new Uint8Array(count).fill(BLOCKED);
  const known = Math.min(count, text.length * 4);
  for (let i = 0; i < known; i++) states[i] = (text.charCodeAt(i >> 2) >> ((i & 3) * 2)) & 3;
  return states;
}

/** Unpacks base64 of a bit a seat, lowest bits first. */
export function unpackBits(base64: string, count: number): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from({ length: count }, (_, i) => (text.charCodeAt(i >> 3) >> (i & 7)) & 1);
}

/** What an access code opens, as far as seats are concerned. */
export interface Opened {
  /** 1 for each seat that is free for us when everybody sees it as blocked. */
  seats: Uint8Array;
  /** Before the public sale: nothing else is free. */
  only: boolean;
}

/** What to do with a message of the stream. */
export type Reading = "applied" | "current" | "refetch";

export class SeatStates {
  readonly hall: Hall;
  /** As this buyer has it. */
  readonly states: Uint8Array;
  /** As everybody has it. */
  private readonly told: Uint8Array;
  private opened: Opened | null = null;
  version = -1;
  areas = new Map<string, number>();
  /** Free seats by section and plan category: `free[section * categories + category]`. */
  readonly free: Uint32Array;
  /** Rises with every change of a section; pictures compare it with the one they were made of. */
  readonly changes: Uint32Array;

  constructor(hall: Hall) {
    this.hall = hall;
    this.states = new Uint8Array(hall.seatCount).fill(BLOCKED);
    this.told = this.states.slice();
    this.free = new Uint32Array(hall.sections.length * Math.max(1, hall.categories.length));
    this.changes = new Uint32Array(hall.sections.length);
  }

  private cell(seat: number): number {
    const row = this.hall.rows[this.hall.rowOf[seat] as number];
    const section = row ? row.section : 0;
    return section * Math.max(1, this.hall.categories.length) + this.hall.category[seat];
  }

  /** What an access code opens from now on; null: nothing. */
  open(opened: Opened | null): void {
    this.opened = opened;
    for (let i = 0; i < this.told.length; i++) this.set(i, this.told[i]);
    // Which seats stand out has changed everywhere.
    for (let s = 0; s < this.changes.length; s++) this.changes[s]++;
  }

  /** Whether the code keeps this seat for us. */
  keeps(seat: number): boolean {
    return this.opened?.seats[seat] === 1;
  }

  /** Whether a free seat is kept for us; where nothing else is free, none stands out. */
  standsOut(seat: number): boolean {
    return this.keeps(seat) && !this.opened?.only && this.states[seat] === AVAILABLE;
  }

  private shown(seat: number, state: number): number {
    if (this.opened?.seats[seat]) return state === BLOCKED ? AVAILABLE : state;
    return this.opened?.only && state === AVAILABLE ? BLOCKED : state;
  }

  private set(seat: number, told: number): void {
    this.told[seat] = told;
    const state = this.shown(seat, told);
    const before = this.states[seat];
    if (before === state || seat >= this.states.length) return;
    const cell = this.cell(seat);
    if (before === AVAILABLE) this.free[cell]--;
    if (state === AVAILABLE) this.free[cell]++;
    this.states[seat] = state;
    const row = this.hall.rows[this.hall.rowOf[seat] as number];
    if (row) this.changes[row.section]++;
  }

  /** Takes a whole answer. An older one than ours is left alone. */
  load(availability: Availability): void {
    if (availability.version < this.version) return;
    const fresh = unpack(availability.seats, this.hall.seatCount);
    for (let i = 0; i < fresh.length; i++) this.set(i, fresh[i]);
    this.areas = new Map(availability.areas.map((area) => [area.id, area.available]));
    this.version = availability.version;
  }

  /** Takes a message of the stream. `since` must be our version, else something was missed. */
  apply(delta: StreamAvailability): Reading {
    if (delta.version <= this.version) return "current";
    if (delta.refetch || delta.since !== this.version) return "refetch";
    for (const seat of delta.available ?? []) this.set(seat, AVAILABLE);
    for (const seat of delta.held ?? []) this.set(seat, HELD);
    for (const seat of delta.sold ?? []) this.set(seat, SOLD);
    for (const seat of delta.blocked ?? []) this.set(seat, BLOCKED);
    for (const area of delta.areas ?? []) this.areas.set(area.id, area.available);
    this.version = delta.version;
    return "applied";
  }

  /** Free seats of a section in the plan categories that `wanted` lets pass. */
  freeIn(section: number, wanted: (category: number) => boolean = () => true): number {
    const width = Math.max(1, this.hall.categories.length);
    let sum = 0;
    for (let c = 0; c < width; c++) if (wanted(c)) sum += this.free[section * width + c];
    return sum;
  }
}
