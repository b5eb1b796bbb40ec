// What of a service worker's world is used here: the compiler knows a page's world only.

export interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface FetchEvent extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface InstallEvent extends Extendable {
  /** Where the browser has it: addresses that never wake the worker. */
  addRoutes?(routes: object): Promise<void>;
}

export interface Scope {
  addEventListener(type: "install", act: (event: InstallEvent) => void): void;
  addEventListener(type: "activate", act: (event: Extendable) => void): void;
  addEventListener(type: "fetch", act: (event: FetchEvent) => void): void;
  addEventListener(type: "message", act: (event: MessageEvent & Extendable) => void): void;
  skipWaiting(): Promise<void>;
}
