// Live changes of one event: one stream while the page is seen, with patience when it breaks; plain
// polling where no stream comes through; nothing while hidden.
import { backoffMs } from "./client.ts";
import { streamUrl } from "./shop.ts";
import type { StreamAvailability, StreamEvent } from "./types.ts";

export interface LiveListener {
  onAvailability: (delta: StreamAvailability) => void;
  onEvent: (change: StreamEvent) => void;
  /** Fetch everything again: the stream cannot tell what was missed. */
  onPoll: () => void;
}

const POLL_MS = 4000;
/** After so many broken streams in a row the page polls and tries the stream only now and then. */
const POLL_AFTER = 3;

export function watchEvent(id: string, listener: LiveListener): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = false;

  const read = <T>(message: Event): T | null => {
    try {
      return JSON.parse((message as MessageEvent<string>).data) as T;
    } catch {
      return null;
    }
  };

  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };

  const later = (then: () => void, ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };

  const poll = (): void => {
    listener.onPoll();
    failures++;
    later(failures % 8 === 0 ? open : poll, POLL_MS * (0.8 + Math.random() * 0.4));
  };

  const broken = (): void => {
    close();
    if (stopped || document.hidden) return;
    failures++;
    if (failures >= POLL_AFTER) poll();
    else later(open, backoffMs(failures));
  };

  function open(): void {
    if (stopped || document.hidden) return;
    close();
    source = new EventSource(streamUrl(id));
    source.addEventListener("availability", (message) => {
      failures = 0;
      const delta = read<StreamAvailability>(message);
      if (delta) listener.onAvailability(delta);
    });
    source.addEventListener("event", (message) => {
      const change = read<StreamEvent>(message);
      if (change) listener.onEvent(change);
    });
    source.onerror = broken;
  }

  const seen = (): void => {
    if (document.hidden) close();
    else {
      failures = 0;
      open();
    }
  };

  document.addEventListener("visibilitychange", seen);
  open();
  return () => {
    stopped = true;
    document.removeEventListener("visibilitychange", seen);
    close();
  };
}
