// Money, dates and counts in the reader's way of writing them. Dates are in the venue's zone.
import type { Money } from "../api/types.ts";
import { locale } from "./index.ts";

export { clock } from "./clock.ts";
export { locale };

const cache = new Map<string, Intl.NumberFormat>();

function moneyFormat(tag: string, currency: string, short: boolean): Intl.NumberFormat {
  const key = `${tag}|${currency}|${short ? 1 : 0}`;
  let format = cache.get(key);
  if (!format) {
    format = new Intl.NumberFormat(tag, {
      style: "currency",
      currency,
      trailingZeroDisplay: short ? "stripIfInteger" : "auto",
    } as Intl.NumberFormatOptions);
    cache.set(key, format);
  }
  return format;
}

export interface MoneyStyle {
  /** Leaves out ".00". */
  short?: boolean;
  tag?: string;
}

/** Minor units to text; how many digits are minor is the currency's own (JPY 0, KWD 3). */
export function money(value: Money, style: MoneyStyle = {}): string {
  const format = moneyFormat(style.tag ?? locale(), value.currency, style.short ?? false);
  const digits = moneyFormat("en", value.currency, false).resolvedOptions().maximumFractionDigits;
  return format.format(value.amount / 10 ** (digits ?? 2));
}

export function plus(a: Money, b: Money): Money {
  return { amount: a.amount + b.amount, currency: a.currency };
}

export function count(n: number, tag = locale()): string {
  return n.toLocaleString(tag);
}

/** "Sat, 12 June 2027, 20:30" at the venue. */
export function longDate(at: string, timeZone: string, tag = locale()): string {
  return new Intl.DateTimeFormat(tag, {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  }).format(new Date(at));
}

/** A date at the venue, with its zone's short name where the reader's clock shows another time. */
export function zonedDate(
  at: string,
  timeZone: string,
  tag = locale(),
  here = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string {
  const there = longDate(at, timeZone, tag);
  if (there === longDate(at, here, tag)) return there;
  const zone = new Intl.DateTimeFormat(tag, { timeZone, timeZoneName: "short" })
    .formatToParts(new Date(at))
    .find((part) => part.type === "timeZoneName");
  return zone ? `${there} ${zone.value}` : there;
}

export type DateGroup = "weekday" | "day" | "year" | "time" | "between";

export interface DatePiece {
  /** A day goes with its month, an hour with its minute. */
  group: DateGroup;
  text: string;
}

const GROUPS: Partial<Record<Intl.DateTimeFormatPartTypes, DateGroup>> = {
  weekday: "weekday",
  day: "day",
  month: "day",
  year: "year",
  hour: "time",
  minute: "time",
  dayPeriod: "time",
};

/** "Fri, 11 Dec 2026, 19:30" in pieces, in the order and with the signs of the language. */
export function datePieces(
  at: string,
  timeZone: string,
  { year = true, tag = locale() }: { year?: boolean; tag?: string } = {},
): DatePiece[] {
  const parts = new Intl.DateTimeFormat(tag, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: year ? "numeric" : undefined,
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  }).formatToParts(new Date(at));
  const groups = parts.map(({ type }) => GROUPS[type]);
  const pieces: DatePiece[] = [];
  parts.forEach(({ value }, i) => {
    // A sign between two parts of a group belongs to it.
    const group = groups[i] ?? (groups[i - 1] === groups[i + 1] ? groups[i - 1] : undefined) ?? "between";
    const last = pieces.at(-1);
    if (last?.group === group) last.text += value;
    else pieces.push({ group, text: value });
  });
  return pieces;
}

export interface DateParts {
  weekday: string;
  day: string;
  month: string;
  year: string;
  time: string;
}

/** The pieces of a date, for setting them apart. */
export function dateParts(at: string, timeZone: string, tag = locale()): DateParts {
  const date = new Date(at);
  const one = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(tag, { ...options, timeZone }).format(date);
  return {
    weekday: one({ weekday: "short" }),
    day: one({ day: "numeric" }),
    month: one({ month: "short" }),
    year: one({ year: "numeric" }),
    time: one({ hour: "numeric", minute: "2-digit" }),
  };
}

/** With a capital letter, for words that begin a sentence or a line. */
export function begun(words: string, tag = locale()): string {
  return words.charAt(0).toLocaleUpperCase(tag) + words.slice(1);
}

/** "2 days", "5 minutes": a span in its largest fitting unit, rounded up, in the reader's words. */
export function spanWords(seconds: number, tag = locale()): string {
  const [unit, size] =
    seconds > 2 * 86400
      ? (["day", 86400] as const)
      : seconds > 2 * 3600
        ? (["hour", 3600] as const)
        : seconds >= 60
          ? (["minute", 60] as const)
          : (["second", 1] as const);
  const n = Math.ceil(seconds / size - 0.01);
  return new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }).format(n);
}

/** A moment soon: the time alone on the day itself, else with its date, at the venue. */
export function soonDate(at: string, timeZone: string, tag = locale(), now = Date.now()): string {
  const day = (when: number): string =>
    new Date(when).toLocaleDateString("en", { timeZone, dateStyle: "short" });
  const time: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit", timeZone };
  const date: Intl.DateTimeFormatOptions =
    day(Date.parse(at)) === day(now) ? {} : { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(tag, { ...date, ...time }).format(new Date(at));
}

/** A moment that was, by the reader's own clock: the time alone on the day itself. */
export function moment(at: number, tag = locale(), now = Date.now()): string {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return soonDate(new Date(at).toISOString(), here, tag, now);
}

export interface Span {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

export function span(ms: number): Span {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return {
    days: Math.floor(seconds / 86400),
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  };
}
