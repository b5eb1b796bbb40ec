import { useEffect } from "preact/hooks";
import type { EventDetail } from "../api/types.ts";
import { span, zonedDate } from "../i18n/format.ts";
import { t } from "../i18n/index.ts";
import { now, runClock } from "../shop/clock.ts";

interface Props {
  at: number | null;
  event: EventDetail;
  onOpen: () => void;
}

const AGAIN_MS = 1500;

/** Counts down to the sale and then asks until the server says it is open. */
export function Opening({ at, event, onOpen }: Props) {
  useEffect(() => runClock(), []);
  const left = at === null ? null : at - now.value;
  const over = left !== null && left <= 0;
  useEffect(() => {
    if (!over) return;
    onOpen();
    // Everybody's clock strikes at once: each asks again in its own time.
    const timer = setInterval(onOpen, AGAIN_MS * (1 + Math.random()));
    return () => clearInterval(timer);
  }, [over]);
  const parts = span(left ?? 0);
  const two = (n: number): string => String(n).padStart(2, "0");
  return (
    <div class="opening">
      <p class="opening-title">{t("event.opensIn")}</p>
      {left !== null && (
        <p class="opening-clock figure" role="timer" aria-live="off">
          {parts.days > 0 && (
            <span>
              <b>{parts.days}</b> {t("event.days", { n: parts.days })}
            </span>
          )}
          {(parts.days > 0 || parts.hours > 0) && (
            <span>
              <b>{two(parts.hours)}</b> {t("event.hours")}
            </span>
          )}
          <span>
            <b>{two(parts.minutes)}</b> {t("event.minutes")}
          </span>
          <span>
            <b>{two(parts.seconds)}</b> {t("event.seconds")}
          </span>
        </p>
      )}
      <p class="quiet">
        {event.sale.opens_at &&
          `${t("event.opensAt", { date: zonedDate(event.sale.opens_at, event.timezone) })}. `}
        {t("event.openSoon")}
      </p>
    </div>
  );
}
