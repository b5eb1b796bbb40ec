// The waiting page. It has what it needs in its own document (public status, own place), works out
// position and wait by itself, and asks the server only as often as that told it to. What waits for
// a hand (a code, a check of the draw, work, leaving, sound) is in more.ts, fetched when it is used.
import { clock } from "../i18n/format.ts";
import { rankOf } from "./draw.ts";
import { ask, retryAfterMs } from "./net.ts";
import { delayMs, patienceMs } from "./poll.ts";
import { drawnFor, standing } from "./standing.ts";
import { keep, recall } from "./storage.ts";
import type { Action, Answer, Face, Given, Page, Place, Status } from "./types.ts";
import { timeWords, waitWords } from "./wait.ts";
import { momentWords } from "./when.ts";

/** The address of more.ts, laid in by the build. */
declare const MORE: string;

/** What a reload must not lose. */
interface Kept {
  place: Place | null;
  /** How many were ahead when we first knew. */
  start: number;
}

const STAYS = "Your place stays if you reload, go offline or your phone sleeps.";
const SLOW: Record<string, string | undefined> = {
  paused: "Paused: nobody is called, and no time runs.",
  sale_not_open: "The sale is not open yet.",
  nothing_free: "All that is left is held by others. Some often comes back.",
  sold_out: "Sold out. Some may come back.",
};
const CALM = "Nothing is lost; we go on by ourselves.";
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

/** Our turn, by the draw and nobody's word; where the browser cannot hash, the server says it. */
async function findTurn(): Promise<void> {
  const drawn = place && drawnFor(status, place);
  if (!place || !drawn || place.rank != null) return;
  const hash = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  try {
    place.rank = await rankOf(hash, drawn, place.number);
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
  page.settled();
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
  note = !lost ? "" : code ? `Very busy. ${CALM}` : offline();
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

async function more<T extends keyof More>(what: T, about?: Parameters<More[T]>[1]): Promise<void> {
  try {
    const part = (await import(/* @vite-ignore */ MORE)) as More;
    await part[what](page, about as never);
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
  called: () => {},
  settled: () => {},
};

function callUp(): void {
  page.called();
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
  momentWords(Date.parse(iso!), Date.now(), timeZone);

/** Hoisted: the page may begin without a network. */
function offline(): string {
  const who = navigator.onLine ? "No connection" : "You are offline";
  return `${who}. As of ${momentWords(heard, Date.now())}. ${CALM}`;
}

const go = (path: string) => (): void => location.assign(path);
const come = (): void => void more("claim");
const again: Action = ["Stand at the end of the line", () => void join()];

function faceOf(): Face {
  const rest = end - Date.now();
  const time = rest > 0 && rest < Infinity ? clock(rest) : "…";
  switch (now.kind) {
    case "open":
      return {
        title: "No waiting right now",
        main: ["Go to the tickets", go(`${shop}/seats`)],
      };
    case "soon":
      return {
        title: "The waiting room is not open yet",
        next: "Leave this page open. No need to be first: all who are in the lobby when the sale opens get their turn by lot.",
        label: "The lobby opens in",
        big: clock(left(status.lobby_opens_at)),
        foot: ["Opens", at(status.lobby_opens_at)],
      };
    case "none":
      return {
        title: "Join the line",
        main: ["Join", () => void join()],
      };
    case "lobby":
      return {
        title: "You are in the lobby",
        next: `When the sale opens, turns are drawn by lot. Who came first does not matter. ${STAYS}`,
        label: "Turns are drawn in",
        big: clock(left(status.opens_at)),
        wait: at(status.opens_at),
      };
    case "drawing":
      return { title: "Turns are being drawn", next: STAYS, big: "…" };
    case "line":
      return {
        title: "You are in the line",
        next: `When it is your turn this page tells you, and you have ${timeWords(status.claim_seconds)} to come in. ${STAYS}`,
        label: `${now.ahead === 1 ? "Person" : "People"} ahead of you`,
        big: now.ahead.toLocaleString(),
        wait: (!status.paused && waitWords(now.before + 1, status.rate)) || "How long is not known",
        bar: 1 - now.ahead / (start || 1),
      };
    case "called":
      return {
        title: "It is your turn",
        next: "Come in now, or your turn passes to the next.",
        label: "Come in within",
        big: time,
        main: ["Come in", come],
      };
    case "missed":
      return {
        title: "Your turn has passed",
        next: "While there is room you can still come in. Else stand at the end of the line.",
        main: ["Try to come in", come],
        other: again,
      };
    case "in":
      return {
        title: "You are in",
        next: "Choose before your time is over.",
        label: "Time left",
        big: time,
        main: ["Go to the tickets", come],
      };
    case "over":
      return {
        title: "Your time inside is over",
        next: "What you bought is yours. For more, stand at the end of the line.",
        main: again,
      };
    case "left":
      return { title: "You left the line", main: again };
    case "ended":
      return {
        title: "The waiting room has closed",
        next: "Nobody is let in any more.",
        main: ["Back to the event", go(shop)],
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
    place?.lane === "priority" ? "Your priority number" : "Your number",
    place ? (place.number + 1).toLocaleString() : "",
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
  const title = kind === "line" ? `${face.big} ahead` : kind === "called" ? `${face.big} ${face.title}!` : face.title;
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
