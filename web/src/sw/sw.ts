// The service worker: what of the shop works without a network. It keeps files of the shop itself,
// which the build names and versions, and answers only what it knows how to; everything else, and
// all of the API, goes to the network as if it were not there.
import { KEPT } from "./kept.ts";
import { PLACES } from "./places.ts";
import type { Scope } from "./scope.ts";
import type { Shop } from "./tickets.ts";
import {
  answerAsset,
  answerPage,
  isPage,
  KEEP_SHOP,
  keepOfflinePage,
  keepShop,
  keepShopAgain,
} from "./tickets.ts";
import { answerWaitingPage, isWaitingPage, keepWaitingPage } from "./waiting.ts";

/** Laid in by the build: the waiting page's document, its second file in each language, the shop's files,
 * and what tells versions apart. */
declare const SHELL: string;
declare const MORES: readonly string[];
declare const SHOP: Shop;
declare const VERSION: string;

const FILES = `onsale-files-${VERSION}`;
const CACHES = [FILES, PLACES, KEPT];
const ASSETS = new Set([...MORES, ...SHOP.assets]);

const scope = globalThis as unknown as Scope;

async function install(): Promise<void> {
  await keepWaitingPage(FILES, SHELL);
  await keepOfflinePage(FILES, SHOP);
  await keepShopAgain(FILES, SHOP);
  await scope.skipWaiting();
}

async function dropOld(): Promise<void> {
  for (const name of await caches.keys()) if (!CACHES.includes(name)) await caches.delete(name);
}

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
  const api = { condition: { urlPattern: new URL("/api/*", location.href).href }, source: "network" };
  void event.addRoutes?.(api).catch(() => undefined);
});
scope.addEventListener("activate", (event) => event.waitUntil(dropOld()));
scope.addEventListener("message", (event) => {
  if (event.data === KEEP_SHOP) event.waitUntil(keepShop(FILES, SHOP));
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (isWaitingPage(request)) event.respondWith(answerWaitingPage(request, SHELL));
  else if (isPage(request)) event.respondWith(answerPage(request, SHOP));
  else if (request.method === "GET" && ASSETS.has(new URL(request.url).pathname))
    event.respondWith(answerAsset(request));
});
