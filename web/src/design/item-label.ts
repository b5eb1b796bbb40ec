import type { Item, Money, SeatKind } from "../api/types.ts";
import { begun, count, plus } from "../i18n/format.ts";
import { t } from "../i18n/index.ts";

export interface Place {
  seat?: string;
  section?: string;
  row?: string;
  number?: string;
  area?: string;
  area_name?: string;
  category: string;
  kind?: SeatKind;
}

/** A section that is only a figure or a letter is called "Section 9"; others have a name. */
export function sectionName(name: string): string {
  return /^(\d+\p{L}?|\p{L})$/u.test(name) ? t("seats.sectionNamed", { name }) : name;
}

/** A row is called "row 12"; one with a name of its own, like "Box 3", by that. */
export function rowName(label: string): string {
  return label.includes(" ") ? label : t("seats.rowNamed", { name: label });
}

/** "wheelchair space"; null for a seat of no special kind. */
export function kindName(kind: SeatKind = "standard"): string | null {
  return kind === "standard" ? null : t(`seats.${kind}`);
}

/** A seat's name with what kind of seat it is, where that matters. */
export function withKind(seat: string, kind?: SeatKind): string {
  const name = kindName(kind);
  return name === null ? seat : t("seats.withKind", { seat, kind: name });
}

/** A place in words, whether it has a number or not. */
export function placeLabel(place: Place): string {
  if (place.seat === undefined) return place.area_name ?? place.area ?? place.category;
  const seat = t("seats.label", {
    section: sectionName(place.section ?? ""),
    row: rowName(place.row ?? ""),
    seat: place.number ?? "",
  });
  return withKind(seat, place.kind);
}

/** "2 × Floor": several places that are alike. */
export function severalLabel(name: string, n: number): string {
  return t("areas.several", { count: count(n), name });
}

/** One line of a list of what is held or bought. */
export interface ItemLine {
  /** The first of the line's items; all are alike but for their seat. */
  item: Item;
  label: string;
  /** The price category, where the label does not say it already. */
  note: string | null;
  /** Before discounts. */
  list: Money;
  price: Money;
  fee: Money;
}

/** Each seat is a line; places of one area at one price share one. */
export function linesOf(items: readonly Item[]): ItemLine[] {
  const alike = new Map<string, Item[]>();
  items.forEach((item, i) => {
    const key =
      item.seat === undefined
        ? [
            item.area,
            item.category_index,
            item.list_price.amount,
            item.price.amount,
            item.fee.amount,
            item.refund?.id,
          ].join("|")
        : `seat ${i}`;
    const others = alike.get(key);
    if (others) others.push(item);
    else alike.set(key, [item]);
  });
  return [...alike.values()].map((group) => {
    const [item] = group;
    const label = placeLabel(item);
    const section = item.section ?? "";
    const kind = begun(kindName(item.kind) ?? "");
    const told = [section, sectionName(section), kind].includes(item.category);
    return {
      item,
      label: group.length > 1 ? severalLabel(label, group.length) : label,
      note: item.seat === undefined || told ? null : item.category,
      list: group.map((each) => each.list_price).reduce(plus),
      price: group.map((each) => each.price).reduce(plus),
      fee: group.map((each) => each.fee).reduce(plus),
    };
  });
}
