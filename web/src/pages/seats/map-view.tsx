import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { sectionName } from "../../design/item-label.ts";
import { canvasTheme, dark, wide } from "../../design/theme.ts";
import { money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { MapController } from "../../seatmap/controller.ts";
import type { Scene } from "../../seatmap/painter.ts";
import type { HallView } from "./hall.ts";
import type { SeatsModel } from "./model.ts";
import { groupWord, kindWord, seatLabel, spoken, stateWord } from "./words.ts";

interface Hover {
  seat: number;
  x: number;
  y: number;
}

function sceneOf(model: SeatsModel, view: HallView, hover: number): Scene {
  const colours = model.colours.value;
  const conflict = model.conflict.value;
  const picks = model.picks.value;
  const held = model.heldSeats.value;
  const changing = model.changing.value;
  return {
    hall: view.hall,
    grid: view.grid,
    states: view.states,
    colours: Array.from(view.priceOf, (price) => colours.get(price) ?? ""),
    wanted: model.wantsPlanCategory,
    filterKey: [...model.filter.value].join(","),
    mine: new Set(changing ? picks : [...picks, ...held]),
    dropped: new Set(changing ? held.filter((seat) => !picks.includes(seat)) : []),
    lost: new Set(conflict?.lost ?? []),
    offered: new Set(
      conflict?.offers.flat().filter((seat) => !picks.includes(seat)) ?? [],
    ),
    focus: model.focusSeat.value,
    hover,
    theme: theme(),
  };
}

let kept: { dark: boolean; theme: Scene["theme"] } | null = null;
/** The same object until the colour scheme changes, so that stamps are kept. */
function theme(): Scene["theme"] {
  if (kept?.dark !== dark.value) kept = { dark: dark.value, theme: canvasTheme() };
  return kept.theme;
}

/** The canvas, with what a canvas cannot say in words beside it. */
export function MapView({ model }: { model: SeatsModel }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const controller = useRef<MapController | null>(null);
  const hover = useSignal<Hover>({ seat: -1, x: 0, y: 0 });
  const whole = useSignal(true);
  const where = useSignal(-1);
  const view = model.view.value;

  useEffect(() => {
    if (!canvas.current || !view) return;
    const map = new MapController(canvas.current, sceneOf(model, view, -1), {
      onSeat: (seat) => model.toggle(seat),
      onHover: (seat, x, y) => {
        if (seat !== hover.value.seat) hover.value = { seat, x, y };
      },
      onFocus: (seat) => {
        model.focusSeat.value = seat;
      },
      onView: (all, section) => {
        whole.value = all;
        where.value = section;
      },
    });
    controller.current = map;
    model.lookAt = (seats) => map.showSeats(seats);
    model.lookAtSection = (section) => map.showSection(section);
    return () => {
      controller.current = null;
      map.destroy();
    };
  }, [view]);

  // Seats that are held, found again after a reload or given by the box office, come into view.
  const held = model.heldSeats.value;
  useEffect(() => {
    if (held.length > 0) controller.current?.showSeats(held);
  }, [view, held]);

  // Whatever the scene is made of redraws it.
  const scene = view ? sceneOf(model, view, hover.value.seat) : null;
  const version = model.version.value;
  useEffect(() => {
    if (scene) controller.current?.show(scene);
  }, [
    view,
    version,
    model.picks.value,
    model.heldSeats.value,
    model.changing.value,
    model.conflict.value,
    model.filter.value,
    model.colours.value,
    model.focusSeat.value,
    hover.value.seat,
  ]);
  useEffect(() => {
    controller.current?.setInsets(
      wide.value
        ? { top: 8, right: 8, bottom: 8, left: 8 }
        : { top: 0, right: 0, bottom: 0, left: 0 },
    );
  }, [wide.value, view]);

  const focus = model.focusSeat.value;
  return (
    <div class="map">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={t("seats.mapLabel")}
        aria-describedby="map-help"
        onBlur={() => {
          model.focusSeat.value = -1;
        }}
      />
      <p id="map-help" class="hidden">
        {t("seats.mapHelp")}
      </p>
      <p class="hidden" role="status">
        {focus >= 0 ? spoken(model, focus) : ""}
      </p>
      {!view && <p class="map-wait">{t("app.loading")}</p>}
      {view && where.value >= 0 && focus < 0 && (
        <p class="map-where" aria-hidden="true">
          {sectionName(view.hall.sections[where.value].name)}
        </p>
      )}
      <div class="map-zoom">
        <button
          type="button"
          aria-label={t("seats.zoomIn")}
          onClick={() => controller.current?.zoom(1.9)}
        >
          +
        </button>
        <button
          type="button"
          aria-label={t("seats.zoomOut")}
          disabled={whole.value}
          onClick={() => controller.current?.zoom(1 / 1.9)}
        >
          −
        </button>
        <button
          type="button"
          aria-label={t("seats.zoomAll")}
          disabled={whole.value}
          onClick={() => controller.current?.showAll()}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path
              d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"
              fill="none"
              stroke="currentColor"
              stroke-width="1.6"
            />
          </svg>
        </button>
      </div>
      <Tip model={model} hover={hover.value.seat >= 0 ? hover.value : keyTip(focus)} />
    </div>
  );
}

/** The seat reached by keys is described at the map's foot. */
function keyTip(seat: number): Hover {
  return { seat, x: -1, y: -1 };
}

function Tip({ model, hover }: { model: SeatsModel; hover: Hover }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tip = box.current;
    if (!tip) return;
    const room = tip.parentElement?.clientWidth ?? 0;
    const fixed = hover.x < 0;
    const x = fixed
      ? 12
      : Math.max(8, Math.min(room - tip.offsetWidth - 8, hover.x - tip.offsetWidth / 2));
    const above = hover.y - tip.offsetHeight - 22;
    const y = fixed ? 12 : above > 4 ? above : hover.y + 26;
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }, [hover.seat, hover.x]);
  if (hover.seat < 0) return null;
  const price = model.priceOfSeat(hover.seat);
  const rest = [stateWord, kindWord, groupWord]
    .map((say) => say(model, hover.seat))
    .filter((word) => word !== null);
  return (
    <div class="tip" ref={box} aria-hidden="true">
      <strong>{seatLabel(model, hover.seat)}</strong>
      <span>
        {price ? <b class="figure">{money(price)}</b> : null} {rest.join(", ")}
      </span>
    </div>
  );
}
