// An order as a calendar entry (RFC 5545): the event's own local time, with a time zone that says what
// that means, for programs that do not know the zone's name.
import type { EventDetail } from "../../api/types.ts";

/** Text with what the format gives a meaning escaped. */
const escaped = (text: string): string =>
  text.replace(/[\\;,]/g, (each) => `\\${each}`).replace(/\r?\n/g, "\\n");

/** Lines are at most 75 bytes; what is longer goes on behind a blank. */
function folded(line: string): string {
  const bytes = new TextEncoder();
  const parts: string[] = [];
  let part = "";
  let room = 75;
  for (const letter of line) {
    const size = bytes.encode(letter).length;
    if (size > room) {
      parts.push(part);
      part = "";
      room = 74;
    }
    part += letter;
    room -= size;
  }
  return [...parts, part].join("\r\n ");
}

const compact = (iso: string): string => iso.replace(/[-:]|\.\d+/g, "");

/** "+0200": how far the zone's clocks are ahead at that moment. */
export function offsetAt(at: number, timeZone: string): string {
  const name = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value;
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)/.exec(name ?? "") ?? ["", "+", "00", "00"];
  return sign + hours + minutes;
}

export interface Entry {
  event: EventDetail;
  /** The order's address, and a line a ticket. */
  url: string;
  places: readonly string[];
  /** The same for the same order: read in again it takes the older one's place. */
  uid: string;
  now: number;
}

export function calendarText({ event, url, places, uid, now }: Entry): string {
  const { name, venue, timezone, starts_at, starts_local } = event;
  const offset = offsetAt(Date.parse(starts_at), timezone);
  const where = [venue.name, venue.city, venue.country].filter((part) => part !== null);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Onsale//Tickets//EN",
    "BEGIN:VTIMEZONE",
    `TZID:${timezone}`,
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    `TZOFFSETFROM:${offset}`,
    `TZOFFSETTO:${offset}`,
    "END:STANDARD",
    "END:VTIMEZONE",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    `DTSTAMP:${compact(new Date(now).toISOString())}`,
    `DTSTART;TZID=${timezone}:${compact(starts_local)}`,
    `SUMMARY:${escaped(name)}`,
    `LOCATION:${escaped(where.join(", "))}`,
    `DESCRIPTION:${escaped([...places, url].join("\n"))}`,
    `URL:${url}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}
