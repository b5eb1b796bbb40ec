// What a call can end with when it does not end well. `code` is the contract's stable word for it;
// two more stand for what never reached the server's own words.
import type { AreaAvailability, ProblemBody, ProblemCode } from "./types.ts";

export type FailureCode = ProblemCode | "offline" | "unreadable";

export class Problem extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly seats: readonly string[];
  readonly areas: readonly AreaAvailability[];
  readonly limit: number | undefined;
  readonly member: string | undefined;
  /** To be solved first; then the same goes out again with its solution. */
  readonly challenge: ProblemBody["challenge"];
  readonly retryAfterMs: number | undefined;
  /** How long the hold is kept, where that changed. */
  readonly expiresInMs: number | undefined;
  readonly validFrom: string | null | undefined;
  readonly validUntil: string | null | undefined;

  constructor(code: FailureCode, status: number, body?: ProblemBody, retryAfterMs?: number) {
    super(body?.detail ?? body?.title ?? code);
    this.name = "Problem";
    this.code = code;
    this.status = status;
    this.seats = body?.seats ?? [];
    this.areas = body?.areas ?? [];
    this.limit = body?.limit;
    this.member = body?.member;
    this.challenge = body?.challenge;
    this.expiresInMs = body?.expires_in_ms;
    this.validFrom = body?.valid_from;
    this.validUntil = body?.valid_until;
    this.retryAfterMs =
      retryAfterMs ?? (body?.retry_after === undefined ? undefined : body.retry_after * 1000);
  }
}

function isProblemBody(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && "code" in value && "status" in value;
}

export async function problemOf(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfterMs = seconds > 0 ? seconds * 1000 : undefined;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  if (isProblemBody(body)) return new Problem(body.code, response.status, body, retryAfterMs);
  // A proxy in between answered in its own words.
  const code =
    response.status === 503 || response.status === 502 || response.status === 504
      ? "busy"
      : response.status === 429
        ? "rate_limited"
        : response.status === 404
          ? "not_found"
          : "unreadable";
  return new Problem(code, response.status, undefined, retryAfterMs);
}

/** Anything thrown, as a Problem. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem("offline", 0);
}
