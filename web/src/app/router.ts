// The router: an address is a list of segments, a route names some of them. One signal holds where
// we are; links are plain <a href>, so that everything works as people expect (new tab, copy).
import { signal } from "@preact/signals";

export type Params = Record<string, string>;

export interface Match<T> {
  page: T;
  params: Params;
}

export interface Route<T> {
  pattern: string;
  page: T;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The first route that fits; literal segments must be equal, `:name` takes any one segment. */
export function match<T>(routes: readonly Route<T>[], path: string): Match<T> | null {
  const have = segments(path);
  next: for (const route of routes) {
    const want = segments(route.pattern);
    if (want.length !== have.length) continue;
    const params: Params = {};
    for (let i = 0; i < want.length; i++) {
      const segment = want[i];
      if (segment.startsWith(":")) {
        const value = decode(have[i]);
        if (value === null) continue next;
        params[segment.slice(1)] = value;
      } else if (segment !== have[i]) continue next;
    }
    return { page: route.page, params };
  }
  return null;
}

export interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(
  typeof location === "undefined" ? { path: "/", query: new URLSearchParams() } : here(),
);

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  place.value = here();
  if (!options.replace) scrollTo(0, 0);
}

function linkOf(click: MouseEvent): HTMLAnchorElement | null {
  if (click.defaultPrevented || click.button !== 0) return null;
  if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return null;
  const link = (click.target as Element | null)?.closest("a");
  if (!(link instanceof HTMLAnchorElement)) return null;
  if (link.target !== "" || link.hasAttribute("download")) return null;
  if (link.origin !== location.origin || link.pathname.startsWith("/api/")) return null;
  // The waiting room and the legal pages are documents of their own.
  if (/^\/(events\/[^/]+\/queue|imprint|terms|privacy)$/.test(link.pathname)) return null;
  if (link.getAttribute("href")?.startsWith("#")) return null;
  return link;
}

/** Asked before a link of the shop is followed; true: it asks first, and goes on by `go`. */
export type Guard = (to: string, go: () => void) => boolean;
let guard: Guard | null = null;

/** At most one page guards its links, as long as it is there. */
export function guardLinks(ask: Guard): () => void {
  guard = ask;
  return () => {
    if (guard === ask) guard = null;
  };
}

export function startRouter(): void {
  addEventListener("popstate", () => {
    place.value = here();
  });
  document.addEventListener("click", (click) => {
    const link = linkOf(click);
    if (!link) return;
    click.preventDefault();
    const go = (): void => navigate(link.pathname + link.search);
    if (!guard?.(link.pathname, go)) go();
  });
}

export const paths = {
  home: (): string => "/",
  event: (id: string): string => `/events/${encodeURIComponent(id)}`,
  seats: (id: string): string => `/events/${encodeURIComponent(id)}/seats`,
  checkout: (id: string, hold: string): string =>
    `/events/${encodeURIComponent(id)}/checkout/${encodeURIComponent(hold)}`,
  order: (id: string, order: string): string =>
    `/events/${encodeURIComponent(id)}/orders/${encodeURIComponent(order)}`,
  tickets: (): string => "/tickets",
  mailbox: (): string => "/mailbox",
};
