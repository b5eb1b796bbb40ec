// How long it may take, in words that hold: a range, rounded outwards, coarser the longer it is.

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

const figure = (minutes: number): string =>
  minutes < 60 ? `${minutes}` : `${Math.floor(minutes / 60)}${minutes % 60 ? "½" : ""}`;

const words = (minutes: number): string =>
  `${figure(minutes)} ${minutes < 60 ? "minute" : "hour"}${figure(minutes) === "1" ? "" : "s"}`;

/** A time that is known: "45 seconds", "2 minutes". */
export const timeWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : words(Math.floor(seconds / 60));

/** How long until so many were called: "About 5 to 9 minutes"; "" when nobody can say. */
export function waitWords(ranks: number, rate: Rate): string {
  const soonest = Math.max(0, ranks / rate.high - rate.sooner / 60);
  const latest = ranks / rate.low + rate.later / 60;
  const low = Math.floor(soonest / step(soonest)) * step(soonest);
  const high = Math.ceil(latest / step(latest)) * step(latest);
  if (!rate.high || (!low && high > LONGEST_MIN)) return "";
  if (high <= 1) return "Less than a minute";
  if (high > LONGEST_MIN) return `More than ${words(Math.min(low, LONGEST_MIN))}`;
  if (!low) return `Up to ${words(high)}`;
  if (low === high) return `About ${words(low)}`;
  return `About ${low < 60 && high >= 60 ? words(low) : figure(low)} to ${words(high)}`;
}
