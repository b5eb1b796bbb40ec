import { byPrice } from "../../seatmap/palette.ts";
import { money, plus } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { Stepper } from "../../design/stepper.tsx";
import type { SeatsModel } from "./model.ts";
import { WishesForm } from "./wishes.tsx";

/** "So many people, this price": the box office picks the best seats together. */
export function BestForm({ model }: { model: SeatsModel }) {
  const event = model.event.value;
  if (!event) return null;
  const shut = model.hold.value !== null || model.shut.value;
  return (
    <form
      class="best"
      aria-label={t("best.title")}
      onSubmit={(submit) => {
        submit.preventDefault();
        void model.holdBest();
      }}
    >
      <h2>{t("best.title")}</h2>
      <div class="best-row">
        <Stepper
          value={model.people.value}
          min={1}
          max={event.limits.per_hold}
          label={t("best.people")}
          fewer={t("best.fewer")}
          more={t("best.more")}
          onChange={(n) => {
            model.people.value = n;
          }}
        />
        <label class="select">
          <span class="hidden">{t("best.price")}</span>
          <select
            value={model.bestCategory.value === null ? "" : String(model.bestCategory.value)}
            onChange={(change) => {
              const { value } = change.currentTarget;
              model.bestCategory.value = value === "" ? null : Number(value);
            }}
          >
            <option value="">{t("best.any")}</option>
            {byPrice(event.price_categories).map((category) => (
              <option key={category.index} value={String(category.index)}>
                {category.name} {money(plus(category.price, category.fee), { short: true })}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button" disabled={shut || model.busy.value !== "none"}>
          {t("best.find")}
        </button>
      </div>
      <WishesForm model={model} />
    </form>
  );
}
