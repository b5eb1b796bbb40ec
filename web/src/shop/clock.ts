// One clock for all countdowns. A deadline is made from the milliseconds the server says are left, so
// that a wrong clock on the phone does no harm.
import { effect, signal } from "@preact/signals";
import type { Sale } from "../api/types.ts";

export const now = signal(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Lets the clock run until the returned function is called. */
export function runClock(): () => void {
  watchers++;
  if (watchers === 1) {
    now.value = Date.now();
    timer = setInterval(() => {
      now.value = Date.now();
    }, 250);
  }
  return () => {
    watchers--;
    if (watchers === 0) clearInterval(timer);
  };
}

export interface Deadline {
  at: number;
  total: number;
}

/** `left` from now on; `total` is the whole span, for the line on top. */
export function deadline(leftMs: number, totalMs: number): Deadline {
  return { at: Date.now() + leftMs, total: Math.max(totalMs, leftMs, 1) };
}

/** When a sale opens, by this page's own clock; null when it is open or nobody knows. */
export function opening(sale: Sale): number | null {
  if (sale.state !== "upcoming") return null;
  if (sale.opens_in_ms !== undefined) return Date.now() + sale.opens_in_ms;
  return sale.opens_at === null ? null : Date.parse(sale.opens_at);
}

export function leftMs(end: Deadline | null): number {
  return end === null ? 0 : Math.max(0, end.at - now.value);
}

/** Calls `then` once the deadline has passed; the returned function calls it off. */
export function whenOver(end: Deadline, then: () => void): () => void {
  const stop = runClock();
  let done = false;
  const off = effect(() => {
    if (!done && now.value >= end.at) {
      done = true;
      queueMicrotask(then);
    }
  });
  return () => {
    done = true;
    off();
    stop();
  };
}
