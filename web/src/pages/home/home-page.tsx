import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { givenEvents } from "../../api/given.ts";
import { asProblem } from "../../api/problem.ts";
import type { Problem } from "../../api/problem.ts";
import { listEvents } from "../../api/shop.ts";
import type { EventItem, EventList } from "../../api/types.ts";
import { useTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { t } from "../../i18n/index.ts";
import { opening } from "../../shop/clock.ts";
import { EventRow } from "./event-row.tsx";
import { mostWanted, MostWanted } from "./most-wanted.tsx";
import type { Opening } from "./opens-next.tsx";
import { OpensNext } from "./opens-next.tsx";
import { citiesOf, Places } from "./places.tsx";
import "./home.css";

const TYPING_MS = 250;

/** The sales that are to open, soonest first. */
function openingsOf(events: readonly EventItem[]): Opening[] {
  return events
    .flatMap((event) => {
      const at = opening(event.sale);
      return at === null || event.status === "past" ? [] : [{ event, at }];
    })
    .sort((a, b) => a.at - b.at);
}

interface Shown {
  items: EventItem[];
  openings: Opening[];
  /** Where the list goes on; null: nowhere. */
  next: string | null;
}

function shown(page: EventList, before: readonly EventItem[] = []): Shown {
  const items = [...before, ...page.items];
  return { items, openings: openingsOf(items), next: page.next_cursor };
}

/** What is on: what opens next, what is most wanted, and everything by its date. */
export function HomePage() {
  const given = useMemo(() => {
    const page = givenEvents();
    return page && shown(page);
  }, []);
  const list = useSignal<Shown | null>(given);
  const failure = useSignal<Problem | null>(null);
  const query = useSignal("");
  const city = useSignal("");
  /** Of the list as it is without any choice. */
  const cities = useSignal<string[]>(given ? citiesOf(given.items) : []);
  const begun = useRef(given !== null);

  const load = async (cursor: string | null): Promise<void> => {
    const asked = `${city.value}|${query.value}`;
    try {
      const page = await listEvents(cursor, query.value, city.value);
      if (asked !== `${city.value}|${query.value}`) return; // chosen on meanwhile
      list.value = shown(page, cursor === null ? [] : list.value?.items);
      if (asked === "|") cities.value = citiesOf(list.value.items);
      failure.value = null;
    } catch (thrown) {
      failure.value = asProblem(thrown);
    }
  };

  useTitle(t("home.title"));
  const word = query.value;
  useEffect(() => {
    if (begun.current) {
      begun.current = false;
      return;
    }
    const timer = setTimeout(() => void load(null), list.value === null ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [word, city.value]);

  if (failure.value && list.value === null)
    return <Failure problem={failure.value} onRetry={() => void load(null)} />;

  const { items, openings, next } = list.value ?? { items: [], openings: [], next: null };
  const wanted = mostWanted(items);
  return (
    <main id="main" class="page home">
      <div class="home-head">
        <h1 tabIndex={-1}>{t("home.title")}</h1>
        <p class="lead">{t("home.lead")}</p>
        <form role="search" onSubmit={(submit) => submit.preventDefault()}>
          <label>
            <span class="hidden">{t("home.search")}</span>
            <input
              type="search"
              name="q"
              autocomplete="off"
              placeholder={t("home.search")}
              value={query.value}
              onInput={(input) => {
                query.value = input.currentTarget.value;
              }}
            />
          </label>
        </form>
        {cities.value.length > 1 && (
          <Places
            cities={cities.value}
            chosen={city.value}
            onChoose={(chosen) => {
              city.value = chosen;
            }}
          />
        )}
      </div>
      {word === "" && (openings.length > 0 || wanted.length > 0) && (
        <div class="strips">
          {openings.length > 0 && (
            <OpensNext openings={openings} onOpen={() => void load(null)} />
          )}
          {wanted.length > 0 && <MostWanted events={wanted} />}
        </div>
      )}
      <h2 class="events-title">{t("home.dates")}</h2>
      <ul class="events" aria-label={t("home.list")} aria-busy={list.value === null}>
        {items.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ul>
      <p role="status" class="lead">
        {list.value?.items.length === 0
          ? word === ""
            ? t("home.none")
            : t("home.nothing", { query: word })
          : ""}
      </p>
      {next !== null && (
        <p class="actions">
          <button type="button" class="button" onClick={() => void load(next)}>
            {t("home.more")}
          </button>
        </p>
      )}
    </main>
  );
}
