// A moment in the reader's way of writing it.

const LONG_MS = 183 * 86_400_000;

/** With its year when that is another or far, and with its zone where the reader's clock shows
 * another time. */
export function momentWords(ms: number, now: number, tag: string, timeZone?: string): string {
  const date = new Date(ms);
  const far = ms - now > LONG_MS || date.getFullYear() !== new Date(now).getFullYear();
  const words = (zone?: Intl.DateTimeFormatOptions): string =>
    date.toLocaleString(tag, {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: far ? "numeric" : undefined,
      hour: "numeric",
      minute: "2-digit",
      ...zone,
    });
  try {
    const here = words();
    return here === words({ timeZone }) ? here : words({ timeZone, timeZoneName: "short" });
  } catch {
    // An old browser does not know a zone's new name (Europe/Kyiv).
    return words({ timeZoneName: "short" });
  }
}
