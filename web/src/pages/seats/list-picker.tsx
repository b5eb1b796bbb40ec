import { useSignal } from "@preact/signals";
import { begun, money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { KINDS, seatNumber } from "../../seatmap/geometry.ts";
import { AVAILABLE } from "../../seatmap/states.ts";
import { rowName, sectionName } from "../../design/item-label.ts";
import { Swatch } from "../../design/swatch.tsx";
import type { HallView } from "./hall.ts";
import type { SeatsModel } from "./model.ts";
import { kindWord, spoken } from "./words.ts";

/** Section, row, seat: all the map can do, step by step, for keys, screen readers and thumbs. */
export function ListPicker({ model }: { model: SeatsModel }) {
  const section = useSignal(-1);
  const row = useSignal(-1);
  const view = model.view.value;
  return (
    <section class="list">
      <h2>{t("seats.listTitle")}</h2>
      <div class="list-where">
        <label class="select">
          <span>{t("seats.section")}</span>
          <select
            value={String(section.value)}
            disabled={!view}
            onChange={(change) => {
              section.value = Number(change.currentTarget.value);
              row.value = -1;
              if (section.value >= 0) model.lookAtSection(section.value);
            }}
          >
            <option value="-1">{t("seats.sectionChoose")}</option>
            {view && <Sections model={model} view={view} />}
          </select>
        </label>
        <label class="select">
          <span>{t("seats.row")}</span>
          <select
            value={String(row.value)}
            disabled={section.value < 0}
            onChange={(change) => {
              row.value = Number(change.currentTarget.value);
            }}
          >
            <option value="-1">{t("seats.rowChoose")}</option>
            {view && section.value >= 0 && (
              <Rows model={model} view={view} section={section.value} />
            )}
          </select>
        </label>
      </div>
      {view && row.value >= 0 && <Seats model={model} view={view} row={row.value} />}
    </section>
  );
}

/** Sections by their level (a tribune, a balcony), in the plan's order. */
function Sections({ model, view }: { model: SeatsModel; view: HallView }) {
  void model.version.value; // the counts follow the live states
  const levels = new Map<string, number[]>();
  view.hall.sections.forEach((section, index) => {
    if (section.count === 0) return;
    const list = levels.get(section.level);
    if (list) list.push(index);
    else levels.set(section.level, [index]);
  });
  const options = (indexes: readonly number[]) =>
    indexes.map((index) => {
      const name = sectionName(view.hall.sections[index].name);
      const n = view.states.freeIn(index, model.wantsPlanCategory);
      return (
        <option key={index} value={String(index)} disabled={n === 0}>
          {n === 0 ? t("seats.sectionNone", { name }) : t("seats.sectionOption", { name, n })}
        </option>
      );
    });
  return (
    <>
      {[...levels].map(([level, indexes]) =>
        level === "" ? (
          options(indexes)
        ) : (
          <optgroup key={level} label={level}>
            {options(indexes)}
          </optgroup>
        ),
      )}
    </>
  );
}

interface RowsProps {
  model: SeatsModel;
  view: HallView;
  section: number;
}

function Rows({ model, view, section: index }: RowsProps) {
  void model.version.value;
  const section = view.hall.sections[index];
  const rows = view.hall.rows.slice(section.firstRow, section.firstRow + section.rowCount);
  return (
    <>
      {rows.map((row, r) => {
        let n = 0;
        for (let i = row.first; i < row.first + row.count; i++)
          if (view.states.states[i] === AVAILABLE && model.wantsPlanCategory(view.hall.category[i]))
            n++;
        return (
          <option key={r} value={String(section.firstRow + r)} disabled={n === 0}>
            {t("seats.rowOption", { row: begun(rowName(row.label)), n })}
          </option>
        );
      })}
    </>
  );
}

interface KindsProps {
  model: SeatsModel;
  view: HallView;
  seats: readonly number[];
}

/** "Wheelchair space: 1, 22": what the shapes of the buttons below mean, and what a code keeps. */
function KindsInRow({ model, view, seats }: KindsProps) {
  const kinds = new Map<string, string[]>();
  for (const seat of seats) {
    const words = [kindWord(model, seat), view.states.standsOut(seat) ? t("seats.stateKept") : null];
    for (const word of words)
      if (word !== null) kinds.set(word, [...(kinds.get(word) ?? []), seatNumber(view.hall, seat)]);
  }
  if (kinds.size === 0) return null;
  return (
    <p class="list-kinds quiet" aria-hidden="true">
      {[...kinds].map(([kind, numbers]) => (
        <span key={kind}>
          {kind}: {numbers.join(", ")}
        </span>
      ))}
    </p>
  );
}

function Seats({ model, view, row: index }: { model: SeatsModel; view: HallView; row: number }) {
  void model.version.value;
  const row = view.hall.rows[index];
  const seats = Array.from({ length: row.count }, (_, i) => row.first + i);
  const prices = new Map<number, number>();
  for (const seat of seats) {
    const price = view.priceOf[view.hall.category[seat]];
    if (price >= 0) prices.set(price, seat);
  }
  return (
    <>
      <p class="list-prices">
        {[...prices].map(([price, seat]) => {
          const full = model.priceOfSeat(seat);
          return (
            <span key={price}>
              <Swatch colour={model.colours.value.get(price) ?? ""} />
              {model.priceCategory(price)?.name} <b class="figure">{full ? money(full) : ""}</b>
            </span>
          );
        })}
      </p>
      <KindsInRow model={model} view={view} seats={seats} />
      <ul class="list-seats" aria-label={t("seats.seats")}>
        {seats.map((seat) => {
          const mine =
            model.picks.value.includes(seat) ||
            (model.heldSeats.value.includes(seat) && !model.changing.value);
          const free = model.isFree(seat);
          return (
            <li key={seat}>
              <button
                type="button"
                class="seat"
                data-kind={KINDS[view.hall.kind[seat]]}
                aria-pressed={mine}
                aria-label={spoken(model, seat)}
                disabled={
                  (!free && !mine) || (model.hold.value !== null && !model.changing.value)
                }
                onClick={() => {
                  model.toggle(seat);
                  model.lookAt([seat]);
                }}
              >
                {seatNumber(view.hall, seat)}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
