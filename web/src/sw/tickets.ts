// Tickets without a network. Whoever has some here keeps the shop's own files, too: then every page of
// it opens, those that show kept tickets with what is known, the others with what can be done about it.
import { hasKept } from "./kept.ts";
import { lateAnswer } from "./network.ts";

/** What the order's page says to the worker once it keeps tickets. */
export const KEEP_SHOP = "keep-shop";

/** The shop's files: the page for addresses that nobody keeps with what it names, kept for everybody; its
 * document and all that belongs to it, for whoever has tickets. */
export interface Shop {
  readonly offline: string;
  readonly offlineAssets: readonly string[];
  readonly document: string;
  readonly assets: readonly string[];
}

const TICKET_PAGES = /^\/(tickets|events\/[^/]+\/orders\/[^/]+)?$/;

export const isPage = ({ mode, method }: Request): boolean => mode === "navigate" && method === "GET";

export async function keepOfflinePage(files: string, shop: Shop): Promise<void> {
  await (await caches.open(files)).addAll([shop.offline, ...shop.offlineAssets]);
}

/** Most of it is in the browser's own cache: files with a hash in their name are not fetched again. */
export async function keepShop(files: string, shop: Shop): Promise<void> {
  const cache = await caches.open(files);
  if (!(await cache.match(shop.document))) await cache.addAll([shop.document, ...shop.assets]);
}

/** For another version of the worker: the files of the old one go. */
export async function keepShopAgain(files: string, shop: Shop): Promise<void> {
  if (await hasKept()) await keepShop(files, shop);
}

/** The server's answer; only when none comes, or for kept tickets none in time, what is kept. */
export async function answerPage(request: Request, shop: Shop): Promise<Response> {
  const ours = TICKET_PAGES.test(new URL(request.url).pathname);
  const kept = ours ? await caches.match(shop.document) : undefined;
  const network = fetch(request);
  const answer = await (kept ? lateAnswer(network) : network.catch(() => undefined));
  if (answer && !(kept && answer.status >= 500)) return answer;
  return kept ?? (await caches.match(shop.offline)) ?? network;
}

/** A file of the shop: the one that is kept, as its name says what is in it. */
export async function answerAsset(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request);
}
