// A tab that is closed with places held says so as it goes: a minute later they are for others, unless
// somebody looks at them again. A reload does, and so does another tab that works on them, too.
import { getHold, leaveUrl } from "../api/shop.ts";
import { keptHolds } from "./store.ts";

/** What was said in going may be slow to arrive: a second look comes after it. */
const SECOND_LOOK_MS = 15_000;
/** A link to another document of the shop is followed within so long. */
const FOLLOWED_MS = 3000;

let comesBack = 0;

/** This document is about to make way for another one of the shop: nobody leaves. */
export function comeBack(): void {
  comesBack = Date.now() + FOLLOWED_MS;
}

function look(only?: unknown): void {
  for (const { event, hold } of keptHolds())
    if (only === undefined || only === hold) void getHold(event, hold).catch(() => undefined);
}

function lookTwice(only?: unknown): void {
  if (keptHolds().length === 0) return;
  look(only);
  setTimeout(() => look(only), SECOND_LOOK_MS);
}

export function watchLeaving(): void {
  const tabs = new BroadcastChannel("onsale.leaving");
  tabs.onmessage = ({ data }) => lookTwice(data);
  document.addEventListener("click", ({ target }) => {
    const link = (target as Element | null)?.closest("a");
    if (link?.origin === location.origin) comeBack();
  });
  addEventListener("pageshow", () => lookTwice());
  addEventListener("pagehide", () => {
    if (Date.now() < comesBack) return;
    for (const { event, hold } of keptHolds()) {
      navigator.sendBeacon(leaveUrl(event, hold));
      tabs.postMessage(hold);
    }
  });
}
