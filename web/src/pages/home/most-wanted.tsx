import { useLayoutEffect, useRef } from "preact/hooks";
import type { EventItem } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { t } from "../../i18n/index.ts";
import { placeOf } from "./opens-next.tsx";

const TEASERS = 3;

/** Of what is on sale, that of which most is gone; nothing while nothing is. */
export function mostWanted(events: readonly EventItem[]): EventItem[] {
  return events
    .filter((event) => event.status === "on_sale" && event.taken_percent > 0)
    .sort((a, b) => b.taken_percent - a.taken_percent)
    .slice(0, TEASERS);
}

export function MostWanted({ events }: { events: EventItem[] }) {
  return (
    <section class="strip" aria-labelledby="most-wanted">
      <h2 id="most-wanted">{t("home.popular")}</h2>
      <ol class="teasers">
        {events.map((event) => (
          <li key={event.id} class="teaser">
            <p class="teaser-figure figure">{t("home.taken", { percent: event.taken_percent })}</p>
            <Taken percent={event.taken_percent} />
            <h3>
              <a href={paths.event(event.id)}>{event.name}</a>
            </h3>
            <p class="quiet">{placeOf(event)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A line as long as what is gone. Set by script: the page's policy knows no inline styles. */
function Taken({ percent }: { percent: number }) {
  const line = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (line.current) line.current.style.inlineSize = `${percent}%`;
  }, [percent]);
  return (
    <span class="teaser-line" aria-hidden="true">
      <span ref={line} />
    </span>
  );
}
