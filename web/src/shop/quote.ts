// What makes a purchase cheaper, told apart: the server gives one discount for each place, buyers want
// to know what for. Packages are worked out as the box office does, and believed only where they fit.
import type { EventDetail, Hold, Item, Order, Package } from "../api/types.ts";

/** A place to be bought: its price category by name, and its price before discounts. */
export interface Unit {
  category: string;
  price: number;
}

/** A package that these places make, with those of them (by number) that are free for it. */
export interface Made {
  pack: Package;
  free: number[];
}

/** In the order of the list, of places in no earlier package: the cheapest of each whole one are free. */
export function packagesOf(units: readonly Unit[], packages: readonly Package[]): Made[] {
  const taken = new Set<number>();
  const made: Made[] = [];
  for (const pack of packages) {
    const fit = units
      .map((_, i) => i)
      .filter((i) => !taken.has(i) && pack.categories.includes(units[i].category))
      .sort((a, b) => units[b].price - units[a].price || a - b);
    const groups = Math.floor(fit.length / pack.size);
    const inside = fit.slice(0, groups * pack.size);
    for (const i of inside) taken.add(i);
    const free = inside.slice(groups * pack.paid);
    if (free.length > 0) made.push({ pack, free });
  }
  return made;
}

/** Why something is cheaper, and by how much. */
export interface Saving {
  /** null: not known; the prices may have been made under another list of packages. */
  why: Package | "promo" | null;
  amount: number;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);

/** The reasons of a hold's or an order's discount; together they are all of it. */
export function savingsOf(quote: Hold | Order, event: EventDetail | null): Saving[] {
  const discount = quote.discount.amount;
  if (discount === 0) return [];
  const { items } = quote;
  const units = items.map((item: Item) => ({
    category: item.category,
    price: item.list_price.amount,
  }));
  const made = packagesOf(units, event?.packages ?? []);
  const fits = made.every(({ free }) =>
    free.every((i) => items[i].discount.amount === items[i].list_price.amount),
  );
  const savings: Saving[] = fits
    ? made.map(({ pack, free }) => ({ why: pack, amount: sum(free.map((i) => units[i].price)) }))
    : [];
  const rest = discount - sum(savings.map((each) => each.amount));
  if (rest > 0) savings.push({ why: fits && quote.promo_code ? "promo" : null, amount: rest });
  return savings.filter((each) => each.amount > 0);
}
