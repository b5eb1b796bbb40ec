import { count, money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { changeWords, Packages } from "../../design/price.tsx";
import { Stepper } from "../../design/stepper.tsx";
import { Swatch } from "../../design/swatch.tsx";
import type { SeatsModel } from "./model.ts";

/** Places without a number: how many of each. */
export function Areas({ model }: { model: SeatsModel }) {
  const event = model.event.value;
  if (!event) return null;
  const used = model.picked.value;
  return (
    <section class="areas">
      <h2>{t("areas.title")}</h2>
      <ul>
        {event.areas.map((area) => {
          const price = model.priceOfArea(area.id);
          const category = model.priceCategory(area.price_category);
          const left = model.leftIn(area.id);
          const chosen = model.quantities.value.get(area.id) ?? 0;
          const room = Math.max(0, event.limits.per_hold - used);
          return (
            <li key={area.id}>
              <Swatch colour={model.colours.value.get(area.price_category) ?? ""} />
              <div class="areas-name">
                <strong>{area.name}</strong>
                <span class="quiet">
                  {left > 0 ? t("areas.left", { n: left, count: count(left) }) : t("areas.soldOut")}
                </span>
                {(category ? changeWords(category, event.timezone) : []).map((words) => (
                  <span key={words} class="quiet">
                    {words}
                  </span>
                ))}
              </div>
              <span class="figure">{price ? money(price) : ""}</span>
              <Stepper
                value={chosen}
                min={0}
                max={model.hold.value ? chosen : Math.min(left, chosen + room)}
                label={area.name}
                fewer={t("areas.remove", { name: area.name })}
                more={t("areas.add", { name: area.name })}
                onChange={(n) => model.setQuantity(area.id, n)}
              />
            </li>
          );
        })}
      </ul>
      {event.plan_url === null && <Packages event={event} />}
    </section>
  );
}
