import type { EventDetail, Money, Package, PriceCategory } from "../api/types.ts";
import { count, money, plus, soonDate } from "../i18n/format.ts";
import { t } from "../i18n/index.ts";
import type { Saving } from "../shop/quote.ts";

/** A price; where it was made cheaper, with the one before struck through. */
export function Price({ now, before }: { now: Money; before: Money }) {
  const words = now.amount === 0 ? t("event.free") : money(now);
  if (before.amount <= now.amount) return <span class="figure">{words}</span>;
  return (
    <span class="figure price">
      <s>
        <span class="hidden">{t("price.before")} </span>
        {money(before)}
      </s>{" "}
      <span>
        <span class="hidden">{t("price.now")} </span>
        {words}
      </span>
    </span>
  );
}

/** "Family: 4 for the price of 3". */
export function packageName({ name, size, paid }: Package): string {
  const words = t("package.words", { size, paid });
  return !name || name === words ? words : t("package.named", { name, words });
}

/** The same with its price categories, where others are not part of it. */
export function packageWords(pack: Package, event: EventDetail): string {
  const name = packageName(pack);
  return pack.categories.length >= event.price_categories.length
    ? name
    : t("package.of", { pack: name, categories: pack.categories.join(", ") });
}

export function Packages({ event }: { event: EventDetail }) {
  if (event.packages.length === 0) return null;
  return (
    <ul class="packages" aria-label={t("package.title")}>
      {event.packages.map((pack, i) => (
        <li key={i}>{packageWords(pack, event)}</li>
      ))}
    </ul>
  );
}

/** Until when, or for how many more, a price is what it is. Fees are in both. */
export function changeWords({ price_change, fee }: PriceCategory, timeZone: string): string[] {
  if (!price_change) return [];
  const { at, price_then, after_sold, price_after } = price_change;
  const full = (price: Money): string => money(plus(price, fee));
  const words: string[] = [];
  if (at !== null && price_then)
    words.push(t("price.until", { date: soonDate(at, timeZone), price: full(price_then) }));
  if (after_sold !== null && price_after)
    words.push(
      t("price.left", { n: after_sold, count: count(after_sold), price: full(price_after) }),
    );
  return words;
}

/** What was saved, and why. */
export function Savings({ savings, currency }: { savings: readonly Saving[]; currency: string }) {
  if (savings.length === 0) return null;
  return (
    <ul class="savings">
      {savings.map(({ why, amount }, i) => (
        <li key={i}>
          {t("saving.line", {
            price: money({ amount, currency }),
            why:
              why === "promo"
                ? t("saving.promo")
                : why === null
                  ? t("saving.other")
                  : packageName(why),
          })}
        </li>
      ))}
    </ul>
  );
}
