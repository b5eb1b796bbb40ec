// The service worker: what of the shop works without a network. It keeps files of the shop itself,
// which the build names and versions, and answers only what it knows how to; everything else, and
// all of the API, goes to the network as if it were not there.
import { PLACES } from "./places.ts";
import type { Scope } from "./scope.ts";
import { answerWaitingPage, isWaitingPage } from "./waiting.ts";

/** Laid in by the build: the waiting page's document and script, and what tells versions apart. */
declare const SHELL: string;
declare const MORE: string;
declare const VERSION: string;

const FILES = `onsale-files-${VERSION}`;
const KEPT = [FILES, PLACES];

const scope = globalThis as unknown as Scope;

async function install(): Promise<void> {
  await (await caches.open(FILES)).addAll([SHELL, MORE]);
  await scope.skipWaiting();
}

async function dropOld(): Promise<void> {
  for (const name of await caches.keys()) if (!KEPT.includes(name)) await caches.delete(name);
}

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
  const api = { condition: { urlPattern: new URL("/api/*", location.href).href }, source: "network" };
  void event.addRoutes?.(api).catch(() => undefined);
});
scope.addEventListener("activate", (event) => event.waitUntil(dropOld()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (isWaitingPage(request)) event.respondWith(answerWaitingPage(request, SHELL));
  else if (request.method === "GET" && new URL(request.url).pathname === MORE)
    event.respondWith(caches.match(MORE).then((kept) => kept ?? fetch(request)));
});
