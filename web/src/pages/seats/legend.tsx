import { KINDS } from "../../seatmap/geometry.ts";
import { byPrice } from "../../seatmap/palette.ts";
import { money, plus } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { changeWords, packageWords } from "../../design/price.tsx";
import { Swatch } from "../../design/swatch.tsx";
import type { SeatsModel } from "./model.ts";

const KEYS = {
  accessible: "seats.keyAccessible",
  companion: "seats.keyCompanion",
  restricted_view: "seats.keyRestricted",
  vip: "seats.keyVip",
} as const;

/** The kinds of seats that this hall has at all. */
function kindsIn(model: SeatsModel): (keyof typeof KEYS)[] {
  const hall = model.view.value?.hall;
  const there = new Set(hall?.kind);
  return (Object.keys(KEYS) as (keyof typeof KEYS)[]).filter((kind) =>
    there.has(KINDS.indexOf(kind)),
  );
}

/** Prices with their colours; each is also a filter. Below, what the shapes of seats mean. */
export function Legend({ model }: { model: SeatsModel }) {
  const event = model.event.value;
  if (!event) return <div class="legend" />;
  const filter = model.filter.value;
  const notes = [
    ...byPrice(event.price_categories).flatMap((category) =>
      changeWords(category, event.timezone).map((words) =>
        t("package.named", { name: category.name, words }),
      ),
    ),
    ...event.packages.map((pack) => packageWords(pack, event)),
  ];
  return (
    <section class="legend" aria-label={t("seats.legend")}>
      <div class="legend-prices" role="group" aria-label={t("seats.legendHint")}>
        {byPrice(event.price_categories).map((category) => (
          <button
            key={category.index}
            type="button"
            class="chip"
            aria-pressed={filter.has(category.index)}
            onClick={() => model.toggleFilter(category.index)}
          >
            <Swatch colour={model.colours.value.get(category.index) ?? ""} />
            <span class="chip-name">{category.name}</span>
            <span class="figure">{money(plus(category.price, category.fee), { short: true })}</span>
          </button>
        ))}
      </div>
      {notes.length > 0 && (
        <ul class="legend-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <ul class="legend-shapes">
        <li data-shape="free">{t("seats.keyFree")}</li>
        <li data-shape="mine">{t("seats.keyMine")}</li>
        <li data-shape="held">{t("seats.keyHeld")}</li>
        <li data-shape="sold">{t("seats.keySold")}</li>
        {kindsIn(model).map((kind) => (
          <li key={kind} data-shape={kind} data-kind>
            {t(KEYS[kind])}
          </li>
        ))}
        {model.code.value?.opens.seats && !model.presale.value && (
          <li data-shape="kept" data-kind>
            {t("seats.keyKept")}
          </li>
        )}
      </ul>
    </section>
  );
}
