import type { Item, Money } from "../../api/types.ts";
import { linesOf } from "../../design/item-label.ts";
import { Price, Savings } from "../../design/price.tsx";
import { longDate, money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { savingsOf } from "../../shop/quote.ts";
import { PromoForm } from "./promo-form.tsx";
import type { CheckoutModel } from "./model.ts";

function sum(items: readonly Item[], of: (item: Item) => Money, currency: string): Money {
  return { amount: items.reduce((total, item) => total + of(item).amount, 0), currency };
}

/** What is about to be bought, as the stub of an order. */
export function Summary({ model }: { model: CheckoutModel }) {
  const event = model.event.value;
  const quote = model.quote.value;
  const items = quote?.items ?? [];
  const total = quote?.total ?? null;
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
              <Price now={line.price} before={line.list} />
            </li>
          ))}
          {fees.amount > 0 && (
            <li class="quiet">
              <span>{t("checkout.fees")}</span>
              <span class="figure">{money(fees)}</span>
            </li>
          )}
        </ul>
        <PromoForm model={model} disabled={model.phase.value !== "form"} />
        <p class="stub-total">
          <span>{t("checkout.total")}</span>
          <b class="figure">{total ? money(total) : ""}</b>
        </p>
        {quote && (
          <div role="status">
            <Savings savings={savingsOf(quote, event)} currency={currency} />
          </div>
        )}
        {quote && quote.tax.amount > 0 && (
          <p class="stub-tax quiet">{t("checkout.tax", { tax: money(quote.tax) })}</p>
        )}
      </div>
    </section>
  );
}
