// What must outlive a reload, in the tab's own storage. Unreadable or foreign content is as good as
// none.
export function keep(key: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* storage is off or full: the page itself goes on */
  }
}

export function recall<T>(key: string, fits: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return fits(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The hold of one event that this tab works on. */
export interface KeptHold {
  hold: string;
}
function isKeptHold(value: unknown): value is KeptHold {
  return isRecord(value) && typeof value.hold === "string";
}
export const keptHold = (event: string): KeptHold | null =>
  recall(`onsale.hold.${event}`, isKeptHold);
/** Of all events. */
export function keptHolds(): { event: string; hold: string }[] {
  const prefix = "onsale.hold.";
  try {
    return Object.keys(sessionStorage).flatMap((key) => {
      const event = key.startsWith(prefix) ? key.slice(prefix.length) : null;
      const kept = event === null ? null : keptHold(event);
      return event === null || kept === null ? [] : [{ event, hold: kept.hold }];
    });
  } catch {
    return []; // storage is off
  }
}
export const keepHold = (event: string, hold: string | null): void =>
  keep(`onsale.hold.${event}`, hold === null ? null : { hold });

/** How far the checkout of a hold has come: a reload goes on with the same order and key. */
export interface KeptCheckout {
  email: string;
  name: string;
  key: string;
  order: string | null;
}
function isKeptCheckout(value: unknown): value is KeptCheckout {
  return (
    isRecord(value) &&
    typeof value.email === "string" &&
    typeof value.name === "string" &&
    typeof value.key === "string" &&
    (value.order === null || typeof value.order === "string")
  );
}
export const keptCheckout = (hold: string): KeptCheckout | null =>
  recall(`onsale.checkout.${hold}`, isKeptCheckout);
export const keepCheckout = (hold: string, checkout: KeptCheckout): void =>
  keep(`onsale.checkout.${hold}`, checkout);

const isText = (value: unknown): value is string => typeof value === "string";
/** The access code that was entered. */
export const keptCode = (event: string): string | null => recall(`onsale.code.${event}`, isText);
export const keepCode = (event: string, code: string | null): void =>
  keep(`onsale.code.${event}`, code);

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
/** Guids picked but not held yet. */
export const keptPicks = (event: string): string[] =>
  recall(`onsale.picks.${event}`, isStrings) ?? [];
export const keepPicks = (event: string, guids: readonly string[]): void =>
  keep(`onsale.picks.${event}`, guids.length === 0 ? null : guids);
