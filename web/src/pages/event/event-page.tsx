import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { watchEvent } from "../../api/live.ts";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { givenEvent } from "../../api/given.ts";
import { getAvailability, getEvent, getPlan } from "../../api/shop.ts";
import type { Availability, EventDetail } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { performersBeyond } from "../../design/performers.ts";
import { When } from "../../design/when.tsx";
import { Failure } from "../../design/failure.tsx";
import { Opening } from "../../design/opening.tsx";
import { count } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import type { Hall } from "../../seatmap/geometry.ts";
import { decodeHall } from "../../seatmap/geometry.ts";
import { SeatStates } from "../../seatmap/states.ts";
import { opening } from "../../shop/clock.ts";
import { mustWait, waitingRoom } from "../../shop/waiting.ts";
import { HallPicture } from "./hall-picture.tsx";
import { Prices } from "./prices.tsx";
import "./event.css";

/** One event: what, when, where, how much, and the way to the seats. */
export function EventPage({ id }: { id: string }) {
  const event = useSignal<EventDetail | null>(givenEvent(id));
  const states = useSignal<SeatStates | null>(null);
  const places = useSignal<Availability["areas"]>([]);
  const failure = useSignal<Problem | null>(null);
  /** When the sale opens, by the page's own clock. */
  const opensAt = useSignal<number | null>(event.value && opening(event.value.sale));

  const load = async (): Promise<EventDetail | null> => {
    try {
      const fresh = await getEvent(id);
      event.value = fresh;
      failure.value = null;
      opensAt.value = opening(fresh.sale);
      return fresh;
    } catch (thrown) {
      failure.value = asProblem(thrown);
      return null;
    }
  };

  const refresh = async (hall: Hall | null): Promise<void> => {
    const availability = await getAvailability(id);
    places.value = availability.areas;
    if (!hall) return;
    const next = new SeatStates(hall);
    next.load(availability);
    states.value = next;
  };

  useEffect(() => {
    let stop: () => void = () => {};
    let gone = false;
    let hall: Hall | null = null;
    void (async () => {
      const fresh = event.value?.id === id ? event.value : await load();
      if (!fresh || gone) return;
      if (fresh.plan_url !== null) hall = decodeHall(await getPlan(fresh.plan_url));
      await refresh(hall);
      if (gone) return;
      let waiting: ReturnType<typeof setTimeout> | undefined;
      stop = watchEvent(id, {
        onAvailability: () => {
          // The small picture may lag: it follows at most every three seconds.
          waiting ??= setTimeout(() => {
            waiting = undefined;
            void refresh(hall).catch(() => undefined);
          }, 3000);
        },
        onEvent: () => void load(),
        onPoll: () => void refresh(hall).catch(() => undefined),
      });
    })().catch(() => undefined); // the page stands without its picture
    return () => {
      gone = true;
      stop();
    };
  }, [id]);

  const name = event.value?.name ?? "";
  useTitle(name);

  if (failure.value && !event.value)
    return <Failure problem={failure.value} onRetry={() => void load()} />;
  if (!event.value) return <main id="main" class="page event wait" aria-busy="true" />;
  return (
    <main id="main" class="page event">
      <Head event={event.value} />
      {event.value.plan_url !== null && (
        <div class="event-hall">
          <HallPicture states={states.value} prices={event.value.price_categories} id={id} />
        </div>
      )}
      <div class="event-side">
        <Prices event={event.value} states={states.value} places={places.value} />
      </div>
      <NextStep event={event.value} opensAt={opensAt.value} onOpen={() => void load()} />
    </main>
  );
}

function Head({ event }: { event: EventDetail }) {
  const performers = performersBeyond(event.name, event.performers);
  return (
    <header class="event-head">
      <p class="event-when">
        <When at={event.starts_at} timeZone={event.timezone} strong={["day", "time"]} />
      </p>
      <h1 tabIndex={-1}>{event.name}</h1>
      <p class="lead">
        {performers.join(", ")}
        {performers.length > 0 && <br />}
        {event.venue.name}
        {event.venue.city ? `, ${event.venue.city}` : ""}
      </p>
    </header>
  );
}

/** A limit that hardly any buyer meets is not worth a sentence. */
const LIMIT_TOLD_TO = 50;

interface NextProps {
  event: EventDetail;
  opensAt: number | null;
  onOpen: () => void;
}

function NextStep({ event, opensAt, onOpen }: NextProps) {
  const { state } = event.sale;
  const past = event.status === "past";
  const open = !past && (state === "open" || state === "paused" || state === "sold_out");
  return (
    <section class="event-next" aria-live="polite">
      {state === "upcoming" && !past && <Opening at={opensAt} event={event} onOpen={onOpen} />}
      {past ? <p>{t("event.past")}</p> : <StateWord state={state} />}
      {state === "upcoming" && !past && event.access_codes && (
        <a href={paths.seats(event.id)}>{t("code.ask")}</a>
      )}
      {!past && mustWait(event) ? (
        <WaitingRoom event={event} />
      ) : open ? (
        <>
          <a class="button primary large" href={paths.seats(event.id)}>
            {event.plan_url === null ? t("event.tickets") : t("event.choose")}
          </a>
          <p class="quiet">
            {event.limits.per_buyer <= LIMIT_TOLD_TO &&
              `${t("event.limit", { n: event.limits.per_buyer })}. `}
            {t("event.holds", { minutes: count(Math.round(event.hold_seconds / 60)) })}
          </p>
        </>
      ) : null}
    </section>
  );
}

/** The way in, while nobody gets to the seats without a turn. */
function WaitingRoom({ event }: { event: EventDetail }) {
  const { state } = event.queue;
  const upcoming = event.sale.state === "upcoming";
  if (state === "closed" && !upcoming) return <p>{t("event.roomClosed")}</p>;
  return (
    <>
      <p>
        {t("event.room")}{" "}
        {t(
          state === "lobby"
            ? "event.roomLobby"
            : state === "closed"
              ? "event.roomSoon"
              : "event.roomLine",
        )}
      </p>
      <a
        class={`button large ${state === "closed" ? "" : "primary"}`}
        href={waitingRoom(event.id)}
      >
        {t("event.enterRoom")}
      </a>
    </>
  );
}

function StateWord({ state }: { state: EventDetail["sale"]["state"] }) {
  if (state === "open" || state === "upcoming") return null;
  return <p>{t(`event.${state}`)}</p>;
}
