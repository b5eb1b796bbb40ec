import type { EventItem } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";

const MOST = 8;

/** The cities of what is on. Nobody is asked where they are: those that keep the reader's time come first. */
export function citiesOf(
  events: readonly EventItem[],
  here = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string[] {
  const cities = new Map<string, boolean>();
  for (const { venue, timezone } of events)
    if (venue.city) cities.set(venue.city, timezone === here || cities.get(venue.city) === true);
  const rank = (near: boolean): number => (near ? 0 : 1);
  return [...cities]
    .sort(([a, nearA], [b, nearB]) => rank(nearA) - rank(nearB) || a.localeCompare(b))
    .slice(0, MOST)
    .map(([city]) => city);
}

interface Props {
  cities: string[];
  /** "": everywhere. */
  chosen: string;
  onChoose: (city: string) => void;
}

export function Places({ cities, chosen, onChoose }: Props) {
  return (
    <div class="places" role="group" aria-label={t("home.places")}>
      {["", ...cities].map((city) => (
        <button
          key={city}
          type="button"
          class="chip"
          aria-pressed={city === chosen}
          onClick={() => onChoose(city)}
        >
          {city === "" ? t("home.everywhere") : city}
        </button>
      ))}
    </div>
  );
}
