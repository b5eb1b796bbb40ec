// One wrapper around fetch for all calls: session, idempotency keys, patience on a bad network, and
// answers or Problems, nothing else.
import { admissionTo } from "./admission.ts";
import { asProblem, Problem, problemOf } from "./problem.ts";
import { sessionForget, sessionToken } from "./session.ts";

export interface CallOptions {
  /** Sends the session. Public, cacheable reads go without it. */
  session?: boolean;
  /** The event that is booked: sends what its waiting room gave. */
  booking?: string;
  /** Makes a write repeatable; without it a POST is sent once only. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** Asks the server again instead of taking what the browser kept. */
  fresh?: boolean;
  /** How often to try in all when the network or a busy server stands in the way. */
  attempts?: number;
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;

/** Wait before attempt `n` (from 1): doubles, is never longer than 8 s, and is spread by chance. */
export function backoffMs(n: number, retryAfterMs?: number, random = Math.random()): number {
  const base = Math.min(FIRST_WAIT_MS * 2 ** (n - 1), LONGEST_WAIT_MS);
  const wait = Math.max(base, Math.min(retryAfterMs ?? 0, LONGEST_WAIT_MS));
  return Math.round(wait * (0.75 + random * 0.5));
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new DOMException("aborted", "AbortError"));
    });
  });
}

function worthRepeating(problem: Problem): boolean {
  return problem.code === "offline" || problem.code === "busy" || problem.code === "rate_limited";
}

async function once(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
  const admission = options.booking === undefined ? null : admissionTo(options.booking);
  if (admission) headers["Onsale-Admission"] = admission.admission;
  if (options.session) headers.Authorization = `Bearer ${await sessionToken()}`;
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: options.signal,
    cache: options.fresh ? "no-cache" : "default",
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function call<T>(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
): Promise<T> {
  const repeatable =
    method === "GET" ||
    method === "DELETE" ||
    method === "PATCH" ||
    options.idempotencyKey !== undefined;
  const attempts = repeatable ? (options.attempts ?? ATTEMPTS) : 1;
  let renewed = false;
  for (let n = 1; ; n++) {
    try {
      const response = await once(method, path, body, options);
      return (response.status === 204 ? undefined : await response.json()) as T;
    } catch (thrown) {
      if (options.signal?.aborted) throw thrown;
      const problem = asProblem(thrown);
      if (problem.code === "unauthenticated" && options.session && !renewed) {
        renewed = true;
        sessionForget();
        continue;
      }
      if (n >= attempts || !worthRepeating(problem)) throw problem;
      await sleep(backoffMs(n, problem.retryAfterMs), options.signal);
    }
  }
}

export function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  return call<T>("GET", path, undefined, options);
}

export function post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  return call<T>("POST", path, body, options);
}

/** Every change we make so says how things shall be, not what to do: it may be sent again. */
export function patch<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  return call<T>("PATCH", path, body, options);
}

export function remove<T = void>(path: string, options: CallOptions = {}): Promise<T> {
  return call<T>("DELETE", path, undefined, options);
}
