// When to ask again. The server says how often; everybody asks at a moment of their own, so that no
// clock makes all ask at once.

const NEAR_S = 3;
const LONGEST_MS = 60_000;

/** `near`: our turn is close. `changeInMs`: how long until something is to change by itself; past or
 * 0: nothing is. `random` is from 0 to below 1. */
export function delayMs(seconds: number, near: boolean, changeInMs: number, random: number): number {
  const told = (near ? Math.min(seconds, NEAR_S) : seconds) * 1000;
  const usual = told * (0.75 + random / 2);
  return changeInMs > 0 && changeInMs < usual ? changeInMs + random * told : usual;
}

/** After so many times in a row that nothing came. */
export function patienceMs(failures: number, retryAfterMs: number, random: number): number {
  return Math.max(Math.min(2 ** failures * 1000, LONGEST_MS), retryAfterMs) * (0.5 + random);
}
