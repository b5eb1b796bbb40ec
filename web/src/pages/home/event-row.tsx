import type { EventItem } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { performersBeyond } from "../../design/performers.ts";
import { dateParts, money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";

/** One event of the list: when, what, where, from how much. The whole row is its link. */
export function EventRow({ event }: { event: EventItem }) {
  const date = dateParts(event.starts_at, event.timezone);
  const performers = performersBeyond(event.name, event.performers);
  const thisYear = String(new Date().getFullYear());
  return (
    <li class="event-row" data-status={event.status}>
      <time dateTime={event.starts_at}>
        <span class="event-day figure">{date.day}</span>
        <span class="event-month">
          {date.month} {date.year === thisYear ? "" : date.year}
          <br />
          {date.weekday} {date.time}
        </span>
      </time>
      <div class="event-what">
        <h3>
          <a href={paths.event(event.id)}>{event.name}</a>
        </h3>
        <p>
          {performers.length > 0 && <span>{performers.join(", ")} · </span>}
          {event.venue.name}
          {event.venue.city ? `, ${event.venue.city}` : ""}
        </p>
      </div>
      <p class="event-price">
        {event.price_from && event.status !== "sold_out" && (
          <b class="figure">
            {event.price_from.amount === 0
              ? t("event.free")
              : t("home.from", { price: money(event.price_from, { short: true }) })}
          </b>
        )}
        <span class="status" data-status={event.status}>
          {t(`status.${event.status}`)}
        </span>
      </p>
    </li>
  );
}
