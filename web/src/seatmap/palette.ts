// Colours of price categories: steps of one scale that runs evenly in lightness (after viridis), so
// that the order of prices can be seen by everyone, also in grey. The dearest is at the dark end on
// paper and at the violet end on black. The accent colour stays free for what is yours.
import type { PriceCategory } from "../api/types.ts";
import type { Hall } from "./geometry.ts";

type Rgb = readonly [number, number, number];

const LIGHT: readonly Rgb[] = [
  [74, 35, 110],
  [52, 94, 141],
  [31, 146, 139],
  [90, 185, 104],
  [206, 172, 30],
];
const DARK: readonly Rgb[] = [
  [158, 124, 224],
  [88, 152, 222],
  [50, 182, 170],
  [126, 212, 122],
  [240, 216, 84],
];

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [0, 1, 2].map((i) => Math.round(a[i] + (b[i] - a[i]) * t)) as unknown as Rgb;
}

/** `n` colours from the dear to the cheap end. */
export function steps(n: number, dark: boolean): string[] {
  const scale = dark ? DARK : LIGHT;
  const middle = n === 1 ? [0.45] : Array.from({ length: n }, (_, i) => i / (n - 1));
  return middle.map((at) => {
    const position = at * (scale.length - 1);
    const low = Math.min(scale.length - 2, Math.floor(position));
    const rgb = mix(scale[low], scale[low + 1], position - low);
    return `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;
  });
}

/** Price categories from dear to cheap, as the legend shows them. */
export function byPrice(categories: readonly PriceCategory[]): PriceCategory[] {
  return [...categories].sort(
    (a, b) => b.price.amount + b.fee.amount - a.price.amount - a.fee.amount || a.index - b.index,
  );
}

/** Colour of each price category, by its index. */
export function coloursByIndex(
  categories: readonly PriceCategory[],
  dark: boolean,
): Map<number, string> {
  const colours = steps(categories.length, dark);
  return new Map(byPrice(categories).map((each, i) => [each.index, colours[i] as string]));
}

/** For each plan category the index of the price category that sells it; -1 when none does. */
export function priceOfPlanCategory(hall: Hall, categories: readonly PriceCategory[]): Int16Array {
  const table = new Int16Array(Math.max(1, hall.categories.length)).fill(-1);
  hall.categories.forEach((name, i) => {
    const sold =
      categories.find((each) => each.plan_categories?.includes(i)) ??
      categories.find((each) => each.name === name);
    if (sold) table[i] = sold.index;
  });
  return table;
}
