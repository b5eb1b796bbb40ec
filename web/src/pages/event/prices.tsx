import type { Availability, EventDetail } from "../../api/types.ts";
import { dark } from "../../design/theme.ts";
import { changeWords, Packages } from "../../design/price.tsx";
import { Swatch } from "../../design/swatch.tsx";
import { count, money, plus } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { byPrice, coloursByIndex, priceOfPlanCategory } from "../../seatmap/palette.ts";
import type { SeatStates } from "../../seatmap/states.ts";

interface Props {
  event: EventDetail;
  states: SeatStates | null;
  places: Availability["areas"];
}

/** Free seats and places by price category index. */
function leftByPrice({ event, states, places }: Props): Map<number, number> {
  const left = new Map<number, number>();
  const add = (index: number, n: number): void => {
    left.set(index, (left.get(index) ?? 0) + n);
  };
  if (states) {
    const prices = priceOfPlanCategory(states.hall, event.price_categories);
    const width = Math.max(1, states.hall.categories.length);
    states.free.forEach((n, cell) => {
      const price = prices[cell % width];
      if (price >= 0) add(price, n);
    });
  }
  for (const place of places) {
    const area = event.areas.find((each) => each.id === place.id);
    if (area) add(area.price_category, place.available);
  }
  return left;
}

/** Each price as it will be paid, fee included. */
export function Prices(props: Props) {
  const { event } = props;
  const colours = coloursByIndex(event.price_categories, dark.value);
  const left = leftByPrice(props);
  const known = props.states !== null || props.places.length > 0;
  return (
    <section class="prices">
      <h2>{t("event.prices")}</h2>
      <ul class="prices-list">
        {byPrice(event.price_categories).map((category) => {
          const n = left.get(category.index) ?? 0;
          return (
            <li key={category.index} data-gone={known && n === 0 ? "yes" : "no"}>
              <Swatch colour={colours.get(category.index) ?? ""} />
              <span class="prices-name">
                {category.name}
                <span class="quiet">
                  {known
                    ? n > 0
                      ? t("areas.left", { n, count: count(n) })
                      : t("areas.soldOut")
                    : "\u00a0"}
                </span>
                {changeWords(category, event.timezone).map((words) => (
                  <span key={words} class="quiet">
                    {words}
                  </span>
                ))}
              </span>
              <span class="prices-sum">
                <b class="figure">
                  {category.price.amount + category.fee.amount === 0
                    ? t("event.free")
                    : money(plus(category.price, category.fee))}
                </b>
                {category.fee.amount > 0 && (
                  <span class="quiet figure">{t("event.fee", { fee: money(category.fee) })}</span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <Packages event={event} />
      <p class="quiet">{t("event.pricesNote")}</p>
    </section>
  );
}
