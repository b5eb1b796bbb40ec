// The waiting page without a network: its document as built, and in it what the page knew last.
import { lateAnswer } from "./network.ts";
import { placeOf } from "./places.ts";

const MARK = "id=given>";

export const isWaitingPage = ({ mode, method, url }: Request): boolean =>
  mode === "navigate" && method === "GET" && /^\/events\/[^/]+\/queue$/.test(new URL(url).pathname);

/** Keeps the document in the reader's language, as the server chooses it, and the file that it names. */
export async function keepWaitingPage(files: string, shell: string): Promise<void> {
  const cache = await caches.open(files);
  const document = await fetch(shell);
  const [more] = /\/assets\/waiting-\w+\.js/.exec(await document.clone().text()) ?? [];
  if (!document.ok || more === undefined) throw new Error("the waiting page did not come");
  await cache.add(more);
  await cache.put(shell, document);
}

/** Lays it in as the server does: no text may end the element. */
export const layIn = (document: string, given: string): string =>
  document.replace(`${MARK}null`, () => MARK + given.replaceAll("<", "\\u003c"));

/** The document as it was last known; undefined when this browser knows nothing of the event. */
async function lastKnown(path: string, shell: string): Promise<Response | undefined> {
  const given = await placeOf(path);
  const built = given && (await caches.match(shell));
  if (!built) return undefined;
  const headers = new Headers(built.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(layIn(await built.text(), given), { headers });
}

/** The server's answer; only when none comes in time, or one that says it cannot, what is known. */
export async function answerWaitingPage(request: Request, shell: string): Promise<Response> {
  const network = fetch(request);
  const answer = await lateAnswer(network);
  if (answer && answer.status < 500) return answer;
  const known = await lastKnown(new URL(request.url).pathname, shell).catch(() => undefined);
  return known ?? network;
}
