import { t } from "../i18n/index.ts";

export interface Place {
  seat?: string;
  section?: string;
  row?: string;
  number?: string;
  area?: string;
  area_name?: string;
  category: string;
}

/** A section that is only a figure or a letter is called "Section 9"; others have a name. */
export function sectionName(name: string): string {
  return /^(\d+\p{L}?|\p{L})$/u.test(name) ? t("seats.sectionNamed", { name }) : name;
}

/** A place in words, whether it has a number or not. */
export function placeLabel(place: Place): string {
  if (place.seat === undefined) return place.area_name ?? place.area ?? place.category;
  return t("seats.label", {
    section: sectionName(place.section ?? ""),
    row: place.row ?? "",
    seat: place.number ?? "",
  });
}
