// What of the waiting page waits for a hand, fetched when it is used: the priority code, the check of
// the draw, leaving, and the work that may be asked before joining.
import { clock } from "../i18n/clock.ts";
import { keepPlace } from "../sw/places.ts";
import { ring, wish } from "./alarm.ts";
import type { Drawn } from "./draw.ts";
import { bytesOf, keyOf, rankOf } from "./draw.ts";
import { askPerson } from "./person.ts";
import { makeSha } from "./sha.ts";
import { keep, recall } from "./storage.ts";
import type { Answer, Asked, Given, Page, Place } from "./types.ts";
import { count, say, tag } from "./words.ts";
import { workOn } from "./work.ts";

type Child = Node | string;

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

const SHEET = `
  form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center }
  input {
    flex: 1; width: 8rem; min-height: 2.75rem; padding: 0.5rem 1rem; border: 1px solid var(--edge);
    border-radius: 0.5rem; background: none; color: inherit; font: inherit
  }
  [aria-pressed="true"] { background: var(--ink); color: var(--paper) }
  details > :not(summary) { margin-top: 0.75rem }
  .captcha { min-height: 4.5rem; margin: 1rem 0 }
  dt { color: var(--quiet) }
  dd { margin: 0 0 0.5rem }`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(SHEET);
document.adoptedStyleSheets = [sheet];

const { hash } = makeSha();

/** The turn of a place, by the draw. */
export const turn = (drawn: Drawn, number: number): Promise<number> => rankOf(hash, drawn, number);

const SESSION = "onsale.session";

/** A session that this browser had goes on; else it begins. The shop keeps its text, too. */
export async function session(): Promise<void> {
  const send = (token: string | null): Promise<Response> =>
    fetch("/api/v1/sessions", {
      method: "POST",
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    });
  const old = recall(SESSION);
  let response = await send(old);
  if (response.status === 401 && old !== null) response = await send(null);
  if (response.ok) keep(SESSION, ((await response.json()) as { token: string }).token);
}

/** The sound when it is our turn: wished or not; tried out when it was just asked for. */
export function sound(page: Page, { on, tried }: { on: boolean; tried: boolean }): void {
  wish(on);
  page.called = () => on && ring(9);
  if (tried && on) ring(1);
}

const given = JSON.parse(document.getElementById("given")?.textContent ?? "") as Given;

/** What a document made now would say. */
function givenNow(page: Page): Given {
  const [heard, end] = page.times();
  const place = page.place();
  return {
    event: given.event,
    queue: page.status(),
    place: place && { ...place, closes_in_ms: end - heard },
    known: !!place,
    heard,
  };
}

/** What is known now is kept for a reload without a network, and the worker that shows it then. */
export async function offline(page: Page): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  page.settled = () => void keepPlace(location.pathname, givenNow(page)).catch(() => undefined);
  page.settled();
  // Without a network that fails, and says so in the console.
  if (!navigator.onLine) await new Promise((back) => addEventListener("online", back, { once: true }));
  await navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}

type Joined = Place & Asked & { code?: string };

/** Stands in line, or asks for what is asked first. */
export async function join(page: Page, body: object): Promise<Answer<Joined> | undefined> {
  const answer = await page.act<Joined>("POST", "", body);
  if (!answer) return;
  const [code, said] = answer;
  if (code === 428) {
    challenge(page, { ...said, body });
    return answer;
  }
  // A house that is busy or far has not refused.
  page.refused = code > 299 && code < 500 && code !== 429;
  if (code && code < 300) page.take({ ...said, state: "waiting", closes_in_ms: null });
  await page.after(page.refused ? WORDS.tryAgain : "");
  return answer;
}

type Claim = { admission?: string; expires_in_ms: number; code?: string };

/** Comes in, with the admission that the shop reads (api/admission.ts). */
export async function claim(page: Page): Promise<void> {
  const answer = await page.act<Claim>("POST", "/claim", {});
  if (!answer) return;
  const { admission, expires_in_ms, code } = answer[1];
  const { id } = given.event;
  if (admission) {
    const ends = Date.now() + expires_in_ms;
    keep(`onsale.admission.${id}`, JSON.stringify({ admission, ends }), "sessionStorage");
    location.assign(`/events/${id}/seats`);
    return;
  }
  const missed = code === "call_missed";
  const place = page.place();
  if (missed && place) place.state = "missed";
  await page.after(missed ? WORDS.noRoom : "");
}

/** Fills a fold behind its summary. */
function fill(fold: HTMLElement, ...children: Child[]): void {
  while (fold.childNodes.length > 1) fold.lastChild?.remove();
  fold.append(...children);
}

export function code(page: Page, fold: HTMLElement): void {
  if (fold.childNodes.length > 1) return;
  const input = make("input", {
    id: "code-text",
    required: true,
    maxLength: 64,
    autocomplete: "off",
    spellcheck: false,
  });
  const wrong = make("p", { role: "alert" });
  const send = async (submit: Event): Promise<void> => {
    submit.preventDefault();
    wrong.textContent = "";
    const answer = await join(page, { code: input.value.trim() });
    if (!answer || answer[0] < 300 || answer[0] === 428) return;
    wrong.textContent =
      answer[0] === 429
        ? WORDS.tooManyTries
        : answer[1].code === "code_unknown"
          ? WORDS.codeUnknown
          : WORDS.codeFailed;
  };
  const form = make(
    "form",
    { onsubmit: (submit) => void send(submit) },
    make("label", { htmlFor: input.id }, WORDS.code),
    input,
    make("button", {}, WORDS.useCode),
    wrong,
  );
  fill(fold, form);
}

export function leave(page: Page, fold: HTMLElement): void {
  const give = (): void => {
    (fold as HTMLDetailsElement).open = false;
    void page.act("DELETE", "").then(() => page.after("", true));
  };
  fill(
    fold,
    make("p", {}, WORDS.leaveText),
    make("button", { type: "button", onclick: give }, WORDS.leaveYes),
  );
}

export function draw(page: Page, fold: HTMLElement): void {
  const { draw: drawn } = page.status();
  if (!drawn) return;
  const { seed, chain_hash, commitment } = drawn;
  if (!seed || !chain_hash) {
    fill(
      fold,
      make("p", {}, WORDS.drawBefore),
      make("dl", {}, make("dt", {}, WORDS.fingerprint), make("dd", {}, commitment)),
    );
    return;
  }
  fill(
    fold,
    make("p", {}, WORDS.drawAfter),
    make("button", { type: "button", onclick: () => void check(page, fold) }, WORDS.checkDraw),
  );
}

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function check(page: Page, fold: HTMLElement): Promise<void> {
  const { draw: drawn } = page.status();
  const place = page.place();
  if (!drawn?.seed || !drawn.chain_hash || !place) return;
  const { seed, chain_hash, commitment, count: general = 0, priority_count: preferred = 0 } = drawn;
  const lane = place.lane === "priority" ? 1 : 0;
  const all = { seed, chain_hash, lane, count: lane ? preferred : general };
  const print = hexOf(hash(new Uint8Array(bytesOf(seed))));
  const rank = await rankOf(hash, all, place.number);
  const agrees = print === commitment && place.rank === rank;
  const number = count(place.number + 1);
  const verdict =
    place.number >= all.count
      ? say(WORDS.cameAfter, number)
      : `${agrees ? "✓" : "✗"} ${say(WORDS.drewTurn, number, count(all.count), count(rank + 1))}`;
  const rows = [
    [WORDS.printBefore, commitment],
    [WORDS.seedAfter, seed],
    [WORDS.seedHash, print === commitment ? `✓ ${WORDS.isPrint}` : `✗ ${print}`],
    [WORDS.closingHash, chain_hash],
    [WORDS.drawKey, hexOf(await keyOf(hash, all))],
  ];
  fill(
    fold,
    make("p", { role: "status" }, make("b", {}, verdict)),
    make(
      "dl",
      {},
      ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
    ),
  );
}

const TICK_MS = 250;

/** What a join that was answered with 428 sent, and what it was asked. */
type Due = Asked & { body: object };

/** Work, a captcha where the box office uses one, or a wait for whoever cannot or does not want to do
 * either; then joins. */
export function challenge(page: Page, { challenge: asked, retry_after = 1, reason, body }: Due): void {
  const again = (more: object): void => {
    page.cover();
    void join(page, { ...body, ...more });
  };
  if (!asked) {
    sitOut(page, retry_after, () => again({}));
    return;
  }
  const { challenge: text = "", kind, puzzles = 0, bits = 0, wait_seconds = 0 } = asked;
  if (kind === "wait") {
    sitOut(page, wait_seconds, () => again({ challenge: text }));
    return;
  }
  const waitInstead = (): void => again({ without_work: true });
  if (kind === "captcha") {
    askPerson(page, { challenge: asked, reason }, (captcha) => again({ captcha }), waitInstead);
    return;
  }
  const stop = new AbortController();
  const wait = (): void => {
    stop.abort();
    waitInstead();
  };
  const progress = (part: number): void => {
    if (stop.signal.aborted) return;
    page.cover({
      title: WORDS.oneMoment,
      next: WORDS.workNext,
      label: WORDS.solved,
      big: part.toLocaleString(tag(), { style: "percent" }),
      bar: part,
      other: [WORDS.waitInstead, wait],
    });
  };
  progress(0);
  workOn({ challenge: text, puzzles, bits }, progress, stop.signal).then(
    (solution) => again({ challenge: text, solution }),
    () => stop.signal.aborted || wait(),
  );
}

function sitOut(page: Page, seconds: number, then: () => void): void {
  const end = Date.now() + seconds * 1000 + TICK_MS;
  const timer = setInterval(() => {
    if (Date.now() > end) {
      clearInterval(timer);
      then();
      return;
    }
    page.cover({
      title: WORDS.oneMoment,
      next: WORDS.sitNext,
      label: WORDS.inLineIn,
      big: clock(end - Date.now()),
    });
  }, TICK_MS);
}
