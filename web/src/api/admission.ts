// What lets a buyer of an event with a waiting room book: given by the waiting page to this tab, sent
// with booking calls. The server decides; what is kept here only saves asking in vain.
export interface Admission {
  admission: string;
  /** When it ends, by this device's clock. */
  ends: number;
}

/** Where storage is off, as long as the page lives. */
const known = new Map<string, Admission>();
const keyOf = (event: string): string => `onsale.admission.${event}`;

function isAdmission(value: unknown): value is Admission {
  return (
    typeof value === "object" &&
    value !== null &&
    "admission" in value &&
    typeof value.admission === "string" &&
    "ends" in value &&
    typeof value.ends === "number"
  );
}

/** Also one that has ended: whether it counts is for the server to say. */
export function admissionTo(event: string): Admission | null {
  const kept = known.get(event);
  if (kept) return kept;
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(keyOf(event)) ?? "null");
    if (!isAdmission(value)) return null;
    known.set(event, value);
    return value;
  } catch {
    return null;
  }
}

/** The server no longer takes it. */
export function forgetAdmission(event: string): void {
  known.delete(event);
  try {
    sessionStorage.removeItem(keyOf(event));
  } catch {
    /* storage is off */
  }
}
