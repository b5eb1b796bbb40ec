import { useState } from "preact/hooks";
import { money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { Stepper } from "../../design/stepper.tsx";
import { sectionName } from "../../design/item-label.ts";
import { KINDS } from "../../seatmap/geometry.ts";
import type { SeatsModel } from "./model.ts";

const ACCESSIBLE = KINDS.indexOf("accessible");

type Price = number | undefined;

/** A bound that would leave nothing between the two takes the other one along. */
export function priceRange(from: Price, upTo: Price, moved: "from" | "upTo"): [Price, Price] {
  if (from === undefined || upTo === undefined || from <= upTo) return [from, upTo];
  return moved === "from" ? [from, from] : [upTo, upTo];
}

interface BoundProps {
  label: string;
  prices: readonly number[];
  currency: string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

function Bound({ label, prices, currency, value, onChange }: BoundProps) {
  return (
    <label class="select">
      <span>{label}</span>
      <select
        value={value === undefined ? "" : String(value)}
        onChange={(change) => {
          const chosen = change.currentTarget.value;
          onChange(chosen === "" ? undefined : Number(chosen));
        }}
      >
        <option value="">{t("best.noBound")}</option>
        {prices.map((amount) => (
          <option key={amount} value={String(amount)}>
            {money({ amount, currency }, { short: true })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What else the best seats shall be like: price range, wheelchair spaces, section. */
export function WishesForm({ model }: { model: SeatsModel }) {
  const [atFirst] = useState(model.wishful.value); // wishes that count are not hidden
  const event = model.event.value;
  if (!event) return null;
  const wishes = model.wishes.value;
  const wish = (changes: Partial<typeof wishes>): void => {
    model.wishes.value = { ...wishes, ...changes };
  };
  const full = event.price_categories.map((each) => each.price.amount + each.fee.amount);
  const prices = [...new Set(full)].sort((a, b) => a - b);
  const hall = model.view.value?.hall;
  const amount = (value: typeof wishes.price_min): Price =>
    typeof value === "number" ? value : undefined;
  const bound = (from: Price, upTo: Price, moved: "from" | "upTo"): void => {
    const [price_min, price_max] = priceRange(from, upTo, moved);
    wish({ price_min, price_max });
  };
  const spaces = hall?.kind.reduce((n, kind) => n + (kind === ACCESSIBLE ? 1 : 0), 0) ?? 0;
  const most = Math.min(model.people.value, spaces);
  return (
    <details class="best-wishes" open={atFirst}>
      <summary>{t("best.wishes")}</summary>
      <div>
        <Bound
          label={t("best.from")}
          prices={prices}
          currency={event.currency}
          value={amount(wishes.price_min)}
          onChange={(from) => bound(from, amount(wishes.price_max), "from")}
        />
        <Bound
          label={t("best.upTo")}
          prices={prices}
          currency={event.currency}
          value={amount(wishes.price_max)}
          onChange={(upTo) => bound(amount(wishes.price_min), upTo, "upTo")}
        />
        <label class="select">
          <span>{t("seats.section")}</span>
          <select
            value={wishes.section ?? ""}
            onChange={(change) => wish({ section: change.currentTarget.value || undefined })}
          >
            <option value="">{t("best.anySection")}</option>
            {hall?.sections
              .filter((section) => section.count > 0)
              .map((section) => (
                <option key={section.id} value={section.id}>
                  {sectionName(section.name)}
                </option>
              ))}
          </select>
        </label>
        {spaces > 0 && (
          <div class="select">
            <span aria-hidden="true">{t("best.accessible")}</span>
            <Stepper
              value={Math.min(wishes.accessible, most)}
              min={0}
              max={most}
              label={t("best.accessible")}
              fewer={t("best.accessibleFewer")}
              more={t("best.accessibleMore")}
              onChange={(accessible) => wish({ accessible })}
            />
          </div>
        )}
      </div>
    </details>
  );
}
