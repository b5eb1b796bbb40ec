import { useEffect } from "preact/hooks";
import type { EventItem } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { clock, soonDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { now, runClock } from "../../shop/clock.ts";

/** A sale, and when it opens by the page's own clock. */
export interface Opening {
  event: EventItem;
  at: number;
}

const TEASERS = 3;
const DAY_MS = 86_400_000;

/** The sales that open next, soonest first, with the time until then. */
export function OpensNext({ openings, onOpen }: { openings: Opening[]; onOpen: () => void }) {
  useEffect(() => runClock(), []);
  const next = openings[0];
  const over = next !== undefined && next.at <= now.value;
  useEffect(() => {
    if (!over) return;
    // Every home page strikes at once: each asks in its own time.
    const timer = setTimeout(onOpen, 500 + 2500 * Math.random());
    return () => clearTimeout(timer);
  }, [over]);
  return (
    <section class="strip" aria-labelledby="opens-next">
      <h2 id="opens-next">{t("home.soon")}</h2>
      <ul class="teasers">
        {openings.slice(0, TEASERS).map(({ event, at }) => (
          <li key={event.id} class="teaser">
            <p class="teaser-figure figure">
              {at - now.value < DAY_MS
                ? clock(at - now.value)
                : soonDate(new Date(at).toISOString(), event.timezone)}
            </p>
            <h3>
              <a href={paths.event(event.id)}>{event.name}</a>
            </h3>
            <p class="quiet">{placeOf(event)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function placeOf({ venue }: EventItem): string {
  return venue.city ? `${venue.name}, ${venue.city}` : venue.name;
}
