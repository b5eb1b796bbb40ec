// A ticket's code as scanners like it: white all over the screen, as large as it goes, the screen kept
// on. A swipe, an arrow key or a button goes on to the next.
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { EventDetail, OrderTicket } from "../../api/types.ts";
import { placeLabel } from "../../design/item-label.ts";
import { t } from "../../i18n/index.ts";
import { shareFile } from "./share.ts";
import { keepAwake } from "./wake.ts";
import "./bright.css";

interface Props {
  tickets: readonly OrderTicket[];
  event: EventDetail | null;
  /** Which is shown first, from 0. */
  first: number;
  onClose: () => void;
}

/** So many pixels to the side are a swipe and no touch. */
const SWIPE_PX = 48;

async function send(ticket: OrderTicket, event: EventDetail | null, n: number): Promise<void> {
  const answer = await fetch(ticket.png_url);
  if (!answer.ok) throw new Error("the picture did not come");
  const type = "image/png";
  const file = new File([await answer.blob()], `ticket-${n}.png`, { type });
  await shareFile(file, t("ticket.sendText", { event: event?.name ?? "" }));
}

export function Bright({ tickets, event, first, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const at = useSignal(Math.min(first, tickets.length - 1));
  const start = useRef<number | null>(null);
  const missed = useSignal(false);
  const all = tickets.length;

  useEffect(() => {
    dialog.current?.showModal();
    return keepAwake();
  }, []);

  const go = (by: number): void => {
    at.value = Math.max(0, Math.min(all - 1, at.value + by));
  };
  // Where lines run from the right, the next is on the left.
  const forward = document.documentElement.dir === "rtl" ? -1 : 1;
  const key = (pressed: KeyboardEvent): void => {
    if (pressed.key === "ArrowRight") go(forward);
    if (pressed.key === "ArrowLeft") go(-forward);
  };
  const lift = (touch: TouchEvent): void => {
    const by = touch.changedTouches[0].clientX - (start.current ?? touch.changedTouches[0].clientX);
    if (Math.abs(by) > SWIPE_PX) go(by < 0 ? forward : -forward);
  };

  const n = at.value + 1;
  const ticket = tickets[at.value];
  return (
    <dialog ref={dialog} class="bright" aria-labelledby="bright-title" onClose={onClose} onKeyDown={key}>
      <header>
        <p id="bright-title" class="figure">
          {t("ticket.of", { n, all })}
        </p>
        <button type="button" class="button small" onClick={() => dialog.current?.close()}>
          {t("ticket.close")}
        </button>
      </header>
      <div
        class="bright-code"
        onTouchStart={(touch) => {
          start.current = touch.touches[0].clientX;
        }}
        onTouchEnd={lift}
      >
        <img src={ticket.svg_url} width="280" height="280" alt={t("ticket.code", { n })} />
      </div>
      <p class="bright-place" aria-live="polite">
        <b>{event?.name}</b>
        <span>{placeLabel(ticket)}</span>
      </p>
      <footer>
        {all > 1 && (
          <div class="bright-turn">
            <button type="button" class="button" disabled={n === 1} onClick={() => go(-1)}>
              {t("ticket.previous")}
            </button>
            <button type="button" class="button" disabled={n === all} onClick={() => go(1)}>
              {t("ticket.next")}
            </button>
          </div>
        )}
        <button
          type="button"
          class="button quiet-button"
          onClick={() => {
            missed.value = false;
            void send(ticket, event, n).catch(() => {
              missed.value = true;
            });
          }}
        >
          {t("ticket.send")}
        </button>
        <p class="quiet" role="status">
          {t(missed.value ? "problem.offline" : "ticket.sendNote")}
        </p>
      </footer>
    </dialog>
  );
}
