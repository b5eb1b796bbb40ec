// The buyer's session: a signed token, kept by the browser so that a reload or a new tab is still
// the same buyer. Pictures are fetched with the cookie that the same call sets.
import { problemOf } from "./problem.ts";
import type { Session } from "./types.ts";

const KEY = "onsale.session";
let known: string | null = null;
let pending: Promise<string> | null = null;

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is off: the session lives as long as the page
  }
}

function keep(token: string | null): void {
  known = token;
  try {
    if (token === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
  } catch {
    /* storage is off */
  }
}

async function create(): Promise<string> {
  const old = known ?? read();
  const ask = (token: string | null): Promise<Response> =>
    fetch("/api/v1/sessions", {
      method: "POST",
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    });
  let response = await ask(old);
  // A token of another installation, or one that has ended: begin anew without it.
  if (response.status === 401 && old !== null) response = await ask(null);
  if (!response.ok) throw await problemOf(response);
  const session = (await response.json()) as Session;
  keep(session.token);
  return session.token;
}

/** The token; asks for one the first time in this page, so that the cookie is set as well. */
export function sessionToken(): Promise<string> {
  pending ??= create().catch((reason: unknown) => {
    pending = null;
    throw reason;
  });
  return pending;
}

/** The server no longer knows the token. */
export function sessionForget(): void {
  keep(null);
  pending = null;
}
