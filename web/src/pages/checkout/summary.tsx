import type { Item, Money } from "../../api/types.ts";
import { linesOf } from "../../design/item-label.ts";
import { longDate, money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import type { CheckoutModel } from "./model.ts";

function sum(items: readonly Item[], of: (item: Item) => Money, currency: string): Money {
  return { amount: items.reduce((total, item) => total + of(item).amount, 0), currency };
}

/** What is about to be bought, as the stub of an order. */
export function Summary({ model }: { model: CheckoutModel }) {
  const event = model.event.value;
  const items = model.items.value;
  const total = model.total.value;
  const currency = total?.currency ?? "EUR";
  const fees = sum(items, (item) => item.fee, currency);
  return (
    <section class="stub checkout-summary" aria-label={t("checkout.yours")}>
      <div class="stub-head">
        <h2>{event?.name}</h2>
        {event && (
          <p>
            {longDate(event.starts_at, event.timezone)}
            <br />
            {event.venue.name}
            {event.venue.city ? `, ${event.venue.city}` : ""}
          </p>
        )}
      </div>
      <div class="stub-body">
        <ul>
          {linesOf(items).map((line, i) => (
            <li key={line.item.seat ?? i}>
              <span>
                {line.label}
                {line.note !== null && <span class="stub-note quiet">{line.note}</span>}
              </span>
              <span class="figure">{money(line.price)}</span>
            </li>
          ))}
          {fees.amount > 0 && (
            <li class="quiet">
              <span>{t("checkout.fees")}</span>
              <span class="figure">{money(fees)}</span>
            </li>
          )}
        </ul>
        <p class="stub-total">
          <span>{t("checkout.total")}</span>
          <b class="figure">{total ? money(total) : ""}</b>
        </p>
      </div>
    </section>
  );
}
