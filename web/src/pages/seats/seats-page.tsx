import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { useTitle } from "../../app/title.ts";
import { navigate, paths } from "../../app/router.ts";
import { TimeLine } from "../../design/time-line.tsx";
import { wide } from "../../design/theme.ts";
import { Failure } from "../../design/failure.tsx";
import { t } from "../../i18n/index.ts";
import { longDate } from "../../i18n/format.ts";
import { Areas } from "./areas.tsx";
import { BestForm } from "./best-form.tsx";
import { CodeForm } from "./code-form.tsx";
import { Legend } from "./legend.tsx";
import { ListPicker } from "./list-picker.tsx";
import { MapView } from "./map-view.tsx";
import { SeatsModel } from "./model.ts";
import { Tray } from "./tray.tsx";
import "./seats.css";

/** The place where seats are chosen: list, map and tray around one model. */
export function SeatsPage({ id }: { id: string }) {
  const model = useMemo(() => new SeatsModel(id), [id]);
  const listOpen = useSignal(false);
  useEffect(() => {
    void model.start();
    return () => model.stop();
  }, [model]);

  const event = model.event.value;
  useTitle(event ? `${event.name}: ${t("seats.title")}` : t("seats.title"));

  if (model.failure.value && !model.view.value)
    return <Failure problem={model.failure.value} onRetry={() => location.reload()} />;

  // What counts seats by their numbers begins anew with another plan.
  const plan = model.view.value?.hall.hash;
  const hasPlan = event === null || event.plan_url !== null;
  const goOn = (hold: string | null): void => {
    if (hold !== null) navigate(paths.checkout(id, hold));
  };

  return (
    <div
      class={`seats ${hasPlan ? "" : "seats-plain"}`}
      data-list={listOpen.value ? "open" : "shut"}
    >
      <TimeLine end={model.end.value} />
      <header class="seats-bar">
        <a class="seats-back" href={paths.event(id)} aria-label={t("seats.back")}>
          <span aria-hidden="true">←</span>
        </a>
        <div class="seats-head">
          <h1 tabIndex={-1}>{event?.name ?? " "}</h1>
          <p>
            {event ? `${longDate(event.starts_at, event.timezone)} · ${event.venue.name}` : " "}
          </p>
        </div>
        {hasPlan && !wide.value && (
          <button
            type="button"
            class="button small"
            aria-pressed={listOpen.value}
            onClick={() => {
              listOpen.value = !listOpen.value;
            }}
          >
            {listOpen.value ? t("seats.map") : t("seats.list")}
          </button>
        )}
      </header>
      <main id="main" class="seats-main">
        <div class="seats-panel">
          {hasPlan && (wide.value || listOpen.value) && <ListPicker key={plan} model={model} />}
          {event && event.areas.length > 0 && <Areas model={model} />}
          {wide.value && <CodeForm model={model} />}
          {hasPlan && wide.value && <BestForm model={model} />}
        </div>
        {hasPlan && (
          <div class="seats-map">
            {event && <Legend model={model} />}
            {event && <MapView key={plan} model={model} />}
          </div>
        )}
        <Tray model={model} onHeld={goOn} />
      </main>
    </div>
  );
}
