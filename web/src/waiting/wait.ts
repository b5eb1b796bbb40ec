// How long it may take, in words that hold: a range, rounded outwards, coarser the longer it is.

import { say, tag } from "./words.ts";

/** Visitors let in a minute: the least and the most to expect. Both 0: nobody is being called. The
 * seconds are what it may be sooner or later all the same, however short the wait. */
export interface Rate {
  low: number;
  high: number;
  sooner: number;
  later: number;
}

const LONGEST_MIN = 720;

/** To single minutes below ten, to fives below an hour, to half hours below four, then to hours. */
const step = (minutes: number): number =>
  minutes <= 10 ? 1 : minutes <= 60 ? 5 : minutes <= 240 ? 30 : 60;

/** Of minutes, or of hours, which are whole or halves. */
const figure = (minutes: number): number =>
  minutes < 60 ? minutes : Math.floor(minutes / 60) + (minutes % 60 ? 0.5 : 0);

const inUnit = (n: number, unit: string): string =>
  n.toLocaleString(tag(), { style: "unit", unit, unitDisplay: "long" });

const words = (minutes: number): string =>
  inUnit(figure(minutes), minutes < 60 ? "minute" : "hour");

/** A time that is known: "45 seconds", "2 minutes". */
export const timeWords = (seconds: number): string =>
  seconds < 120 ? inUnit(seconds, "second") : words(Math.floor(seconds / 60));

function range(ranks: number, rate: Rate): string {
  const soonest = Math.max(0, ranks / rate.high - rate.sooner / 60);
  const latest = ranks / rate.low + rate.later / 60;
  const low = Math.floor(soonest / step(soonest)) * step(soonest);
  const high = Math.ceil(latest / step(latest)) * step(latest);
  if (!rate.high || (!low && high > LONGEST_MIN)) return "";
  if (high <= 1) return WORDS.lessThanMinute;
  if (high > LONGEST_MIN) return say(WORDS.moreThan, words(Math.min(low, LONGEST_MIN)));
  if (!low) return say(WORDS.upTo, words(high));
  if (low === high) return say(WORDS.about, words(low));
  return say(WORDS.between, low < 60 && high >= 60 ? words(low) : figure(low), words(high));
}

/** How long until so many were called: "About 5 to 9 minutes", "About 1 to 2½ hours"; "" when nobody can
 * say. */
export const waitWords = (ranks: number, rate: Rate): string =>
  range(ranks, rate).replace(/[.,]5/g, "½");
