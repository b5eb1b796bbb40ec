// The waiting page. It has what it needs in its own document (public status, own place), works out
// position and wait by itself, and asks the server only as often as that told it to. What waits for a
// hand (a code, a check of the draw, work, leaving, sound) or for the draw is in more.ts, fetched when it
// is used; whoever joined has it.
import { clock } from "../i18n/clock.ts";
import { ask, retryAfterMs } from "./net.ts";
import { delayMs, patienceMs } from "./poll.ts";
import { drawnFor, standing } from "./standing.ts";
import { keep, recall } from "./storage.ts";
import type { Action, Answer, Face, Given, Page, Place, Status } from "./types.ts";
import { timeWords, waitWords } from "./wait.ts";
import { momentWords } from "./when.ts";
import { count, say, tag } from "./words.ts";

/** The address of more.ts, laid in by the build. */
declare const MORE: string;

/** What a reload must not lose. */
interface Kept {
  place: Place | null;
  /** How many were ahead when we first knew. */
  start: number;
}

const STAYS = WORDS.stays;
const SLOW: Record<string, string | undefined> = {
  paused: WORDS.paused,
  sale_not_open: WORDS.notOpen,
  nothing_free: WORDS.nothingFree,
  sold_out: WORDS.soldOut,
};
const TELL_MS = 30_000;
const SOUND = "onsale.sound";

const $ = (id: string): HTMLElement => document.getElementById(id)!;
const given = JSON.parse($("given").textContent) as Given;
const { event } = given;
const shop = `/events/${event.id}`;
const api = `/api/v1${shop}`;
const key = `onsale.queue.${event.id}`;
const kept = JSON.parse(recall(key) ?? "{}") as Partial<Kept>;

let status = given.queue;
let place = given.place ?? kept.place ?? null;
let { known } = given;
/** When we got the status, by this device's clock. */
let heard = given.heard ?? Date.now();
/** The document is no answer of the server (sw/waiting.ts), or it did not know us; but this browser
 * remembers a place. */
let unsure = !!place && !(given.place && !given.heard);
let start = kept.place?.number === place?.number ? (kept.start ?? 0) : 0;
/** When the call or the admission ends, by this device's clock; while paused nobody knows. */
let end = heard + (given.place?.closes_in_ms ?? Infinity);
let now = standing(status, place);
let failures = given.heard ? 1 : 0;
let note = failures ? offline() : "";
let timer: ReturnType<typeof setTimeout> | undefined;
let stream: EventSource | undefined;
/** A look is on its way; something that was pressed is being done. */
let looking = false;
let busy = false;
let sound = recall(SOUND) === "true";
let covered: Face | undefined;
let told = "";
let toldAt = 0;

// ---- what we know ---------------------------------------------------------------------------

function takeStatus(fresh: Status): void {
  // An older answer from a cache on the way is no news: nobody moves back.
  if (fresh.as_of < status.as_of) return;
  status = fresh;
  heard = Date.now();
  if (!fresh.paused && end === Infinity) end = 0;
}

function takePlace(fresh: Place | null): void {
  if (fresh?.number !== place?.number) start = 0;
  place = fresh;
  unsure = false;
  end = Date.now() + (fresh?.closes_in_ms ?? Infinity);
}

const left = (iso: string | null): number =>
  iso ? Date.parse(iso) - Date.parse(status.as_of) + heard - Date.now() : 0;

/** Our turn, by the draw and nobody's word; where the second file cannot be had, the server says it. */
async function findTurn(): Promise<void> {
  const drawn = place && drawnFor(status, place);
  if (!place || !drawn || place.rank != null) return;
  try {
    place.rank = await (await second()).turn(drawn, place.number);
  } catch {
    unsure = true;
  }
}

/** Only the server knows until when we may come in, or what became of us. */
const mustAskOwn = (): boolean =>
  unsure ||
  (now.kind === "called" && place?.state !== "called") ||
  ((now.kind === "called" || now.kind === "in") && end < Date.now());

/** Follows from status and place: what is shown, and what is done by itself. */
async function settle(): Promise<void> {
  await findTurn();
  const before = now.kind;
  now = standing(status, place);
  start = Math.max(start, now.ahead);
  keep(key, JSON.stringify({ place, start } satisfies Kept));
  page.settled?.();
  if (now.kind === "called" && before !== "called") callUp();
  show();
  if (now.kind === "none" && !page.refused && !failures && !covered) void join();
  else follow();
}

// ---- asking and doing -----------------------------------------------------------------------

async function call<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
  clearTimeout(timer);
  const send = (): Promise<Answer<T>> => ask<T>(method, `${api}/queue${path}`, body);
  const own = method + path !== "GET";
  if (own && !known) await more("session");
  known ||= own;
  let answer = await send();
  if (answer[0] === 401) {
    await more("session");
    answer = await send();
  }
  const [code] = answer;
  const lost = !code || code > 499 || code === 429;
  failures = lost ? failures + 1 : 0;
  note = !lost ? "" : code ? calm(WORDS.veryBusy) : offline();
  return answer;
}

async function look(): Promise<void> {
  if (busy || looking) return;
  looking = true;
  if (mustAskOwn() || now.kind === "in") {
    const [code, fresh] = await call<Place>("GET", "/position");
    if (code === 200 || code === 404) takePlace(code === 200 ? fresh : null);
  } else {
    const [code, fresh] = await call<Status>("GET", "");
    if (code === 200) takeStatus(fresh);
  }
  looking = false;
  await settle();
}

/** One at a time: double taps do nothing. */
async function act<T>(method: string, path: string, body?: object): Promise<Answer<T> | undefined> {
  if (busy) return;
  busy = true;
  show();
  const answer = await call<T>(method, path, body);
  busy = false;
  return answer;
}

type More = typeof import("./more.ts");

const second = (): Promise<More> => import(/* @vite-ignore */ MORE);

async function more<T extends Exclude<keyof More, "turn">>(what: T, about?: Parameters<More[T]>[1]): Promise<void> {
  try {
    await (await second())[what](page, about as never);
  } catch {
    failures++;
    note = offline();
    show();
    follow();
  }
}

const join = (): Promise<void> => more("join", {});

/** What was done may have changed where we stand; a house that is busy is left in peace. */
async function after(words: string, own = unsure): Promise<void> {
  unsure = own;
  if (failures) return settle();
  await look();
  note ||= words;
  show();
}

/** The next look, by the stream or by the clock. */
function follow(): void {
  if (!now.near || document.hidden || failures) {
    stream?.close();
    stream = undefined;
  } else if (!stream) {
    stream = new EventSource(`${api}/stream`);
    stream.addEventListener("queue", ({ data }: MessageEvent<string>) => {
      takeStatus(JSON.parse(data) as Status);
      void settle();
    });
  }
  const { kind } = now;
  clearTimeout(timer);
  // No need to be first in the lobby: all who wait for it come over some time.
  const spread =
    kind === "soon" ? Math.min(left(status.opens_at) - left(status.lobby_opens_at), 240_000) / 4000 : 0;
  timer = setTimeout(
    () => void look(),
    failures
      ? patienceMs(failures, retryAfterMs, Math.random())
      : mustAskOwn()
        ? Math.random() * 999
        : delayMs(
            Math.max(spread, status.poll_seconds || 9) * (stream?.readyState === 1 ? 5 : 1),
            now.near || kind === "drawing",
            left(kind === "soon" ? status.lobby_opens_at : status.opens_at),
            Math.random(),
          ),
  );
}

function wake(): void {
  if (!document.hidden) void look();
}

const page: Page = {
  status: () => status,
  place: () => place,
  times: () => [heard, end],
  take: takePlace,
  act,
  after,
  refused: false,
  cover: (face) => {
    covered = face;
    show();
  },
};

function callUp(): void {
  page.called?.();
  // Before a first touch a browser allows no buzz, and says so in its console.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200, 100, 400]);
}

// ---- showing --------------------------------------------------------------------------------

/** Written only when it changes: a screen reader would read it again. */
function put(id: string, words = ""): void {
  const element = $(id);
  element.hidden = !words;
  if (element.textContent !== words) element.textContent = words;
}

function push(id: string, action?: Action): void {
  const element = $(id) as HTMLButtonElement;
  put(id, action?.[0]);
  element.disabled = busy;
  if (action) element.onclick = action[1];
}

const at = (iso: string | null, timeZone?: string): string =>
  momentWords(Date.parse(iso!), Date.now(), tag(), timeZone);

// Hoisted: the page may begin without a network.
function calm(words: string): string {
  return `${words} ${WORDS.calm}`;
}

function offline(): string {
  const who = navigator.onLine ? WORDS.noConnection : WORDS.offline;
  return calm(say(WORDS.asOf, who, momentWords(heard, Date.now(), tag())));
}

const go = (path: string) => (): void => location.assign(path);
const come = (): void => void more("claim");
const again: Action = [WORDS.again, () => void join()];

function faceOf(): Face {
  const rest = end - Date.now();
  const time = rest > 0 && rest < Infinity ? clock(rest) : "…";
  switch (now.kind) {
    case "open":
      return {
        title: WORDS.open,
        main: [WORDS.toTickets, go(`${shop}/seats`)],
      };
    case "soon":
      return {
        title: WORDS.soon,
        next: WORDS.soonNext,
        label: WORDS.soonIn,
        big: clock(left(status.lobby_opens_at)),
        foot: [WORDS.opens, at(status.lobby_opens_at)],
      };
    case "none":
      return {
        title: WORDS.none,
        main: [WORDS.join, () => void join()],
      };
    case "lobby":
      return {
        title: WORDS.lobby,
        next: `${WORDS.lobbyNext} ${STAYS}`,
        label: WORDS.drawnIn,
        big: clock(left(status.opens_at)),
        wait: at(status.opens_at),
      };
    case "drawing":
      return { title: WORDS.drawing, next: STAYS, big: "…" };
    case "line":
      return {
        title: WORDS.line,
        next: `${say(WORDS.lineNext, timeWords(status.claim_seconds))} ${STAYS}`,
        label: WORDS.ahead,
        big: count(now.ahead),
        wait: (!status.paused && waitWords(now.before + 1, status.rate)) || WORDS.unknown,
        bar: 1 - now.ahead / (start || 1),
      };
    case "called":
      return {
        title: WORDS.called,
        next: WORDS.calledNext,
        label: WORDS.comeWithin,
        big: time,
        main: [WORDS.comeIn, come],
      };
    case "missed":
      return {
        title: WORDS.missed,
        next: WORDS.missedNext,
        main: [WORDS.tryIn, come],
        other: again,
      };
    case "in":
      return {
        title: WORDS.inside,
        next: WORDS.insideNext,
        label: WORDS.timeLeft,
        big: time,
        main: [WORDS.toTickets, come],
      };
    case "over":
      return {
        title: WORDS.over,
        next: WORDS.overNext,
        main: again,
      };
    case "left":
      return { title: WORDS.left, main: again };
    case "ended":
      return {
        title: WORDS.ended,
        next: WORDS.endedNext,
        main: [WORDS.toEvent, go(shop)],
      };
  }
}

function show(): void {
  const face = covered ?? faceOf();
  const kind = covered ? "" : now.kind;
  const inLine = /lobby|drawing|line/.test(kind);
  const waits = inLine || kind === "called";
  document.querySelector("h1")!.textContent = face.title;
  for (const id of ["label", "big", "wait", "next"] as const) put(id, face[id]);
  $("stub").hidden = !face.big;
  const bar = $("bar");
  const part = Math.round((face.bar ?? 0) * 100);
  bar.hidden = face.bar === undefined;
  bar.ariaValueNow = `${part}`;
  bar.style.setProperty("--part", `${part}%`);
  const [who, number] = face.foot ?? [
    place?.lane === "priority" ? WORDS.priorityNumber : WORDS.number,
    place ? count(place.number + 1) : "",
  ];
  put("who", who);
  put("number", number);
  $("own").hidden = !number;
  put("note", note || (/in|called/.test(kind) ? SLOW[status.paused ? "paused" : (status.reason ?? "")] : ""));
  push("main", face.main);
  push("other", face.other);
  $("sound").hidden = !inLine && kind !== "soon";
  $("sound").ariaPressed = `${sound}`;
  $("code").hidden = !event.access_codes || place?.lane === "priority" || !inLine;
  $("draw").hidden = !(status.lobby_opens_at && waits);
  $("leave").hidden = !waits;
  const title = kind === "line" ? say(WORDS.aheadShort, face.big ?? "") : kind === "called" ? `${face.big} ${face.title}!` : face.title;
  document.title = `${title} · ${event.name}`;
  tell(kind, face);
}

/** For those who listen: each change of state, and where they stand at most every half minute. */
function tell(kind: string, face: Face): void {
  const said = kind === "line" ? `${face.label}: ${face.big}. ${face.wait}.` : face.title;
  const changed = told !== face.title;
  if (!changed && ($("live").textContent === said || Date.now() - toldAt < TELL_MS)) return;
  told = face.title;
  toldAt = Date.now();
  $("live").textContent = said;
  if (changed && kind === "called") $("main").focus();
}

// ---- start ----------------------------------------------------------------------------------

const [link, where] = $("event").children as unknown as [HTMLAnchorElement, HTMLElement];
link.textContent = event.name;
link.href = shop;
where.textContent = `${at(event.starts_at, event.timezone)}, ${event.venue}`;
$("sound").onclick = () => {
  sound = !sound;
  keep(SOUND, `${sound}`);
  show();
  void more("sound", { on: sound, tried: true });
};
if (sound) void more("sound", { on: sound, tried: false });
for (const id of ["code", "draw", "leave"] as const) $(id).ontoggle = () => void more(id, $(id));
document.addEventListener("visibilitychange", wake);
addEventListener("online", wake);
addEventListener("pageshow", (shown) => shown.persisted && wake());
setInterval(show, 1000);
void settle();
// Not all at once, and after what is needed now.
if (status.phase !== "off")
  setTimeout(() => void more("offline"), Math.random() * (status.poll_seconds || 9) * 1000);
