import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { asProblem } from "../../api/problem.ts";
import type { Problem } from "../../api/problem.ts";
import { listEvents } from "../../api/shop.ts";
import type { EventItem } from "../../api/types.ts";
import { setTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { t } from "../../i18n/index.ts";
import { EventRow } from "./event-row.tsx";
import "./home.css";

const TYPING_MS = 250;

/** What is on, soonest first. */
export function HomePage() {
  const items = useSignal<EventItem[] | null>(null);
  const next = useSignal<string | null>(null);
  const failure = useSignal<Problem | null>(null);
  const query = useSignal("");

  const load = async (cursor: string | null): Promise<void> => {
    const asked = query.value;
    try {
      const page = await listEvents(cursor, asked);
      if (asked !== query.value) return; // typed on meanwhile
      items.value = cursor === null ? page.items : [...(items.value ?? []), ...page.items];
      next.value = page.next_cursor;
      failure.value = null;
    } catch (thrown) {
      failure.value = asProblem(thrown);
    }
  };

  useEffect(() => setTitle(t("home.title")), []);
  const word = query.value;
  useEffect(() => {
    const timer = setTimeout(() => void load(null), items.value === null ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [word]);

  if (failure.value && items.value === null)
    return <Failure problem={failure.value} onRetry={() => void load(null)} />;

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
      </div>
      <ul class="events" aria-label={t("home.list")} aria-busy={items.value === null}>
        {items.value?.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ul>
      <p role="status" class="lead">
        {items.value?.length === 0
          ? word === ""
            ? t("home.none")
            : t("home.nothing", { query: word })
          : ""}
      </p>
      {next.value !== null && (
        <p class="actions">
          <button type="button" class="button" onClick={() => void load(next.value)}>
            {t("home.more")}
          </button>
        </p>
      )}
    </main>
  );
}
