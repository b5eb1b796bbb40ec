// The page's few requests. The session travels in its cookie.
import type { Answer } from "./types.ts";

/** The last answer's wish, in milliseconds. */
export let retryAfterMs = 0;

export async function ask<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    retryAfterMs = (response.headers.get("Retry-After") as unknown as number) * 1000;
    return [response.status, (await response.json().catch(() => ({}))) as T];
  } catch {
    return [0, {} as T];
  }
}
