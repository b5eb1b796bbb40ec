import { t } from "../../i18n/index.ts";
import { money } from "../../i18n/format.ts";
import type { Conflict, SeatsModel } from "./model.ts";
import { seatLabel, seatList } from "./words.ts";

/** What was lost, and the nearest that is still there. */
export function ConflictNote({ model, conflict }: { model: SeatsModel; conflict: Conflict }) {
  const { lost, offers } = conflict;
  const said =
    lost.length === 1
      ? t("conflict.one", { seat: seatLabel(model, lost[0]) })
      : t("conflict.many", { seats: seatList(model, lost) });
  return (
    <div class="note" role="alert">
      <p>
        <strong>{said}</strong>{" "}
        {offers.length > 0 ? t("conflict.near", { n: offers.length }) : t("conflict.none")}
      </p>
      <div class="note-offers">
        {offers.map((seats) => {
          const price = seats.reduce(
            (sum, seat) => sum + (model.priceOfSeat(seat)?.amount ?? 0),
            0,
          );
          const currency = model.event.value?.currency ?? "EUR";
          return (
            <button
              key={seats.join(",")}
              type="button"
              class="button small"
              onClick={() => model.takeOffer(seats)}
              onMouseEnter={() => model.lookAt(seats)}
            >
              {t("conflict.take", { seats: seatList(model, seats, false) })}{" "}
              <span class="figure quiet">
                {money({ amount: price, currency }, { short: true })}
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
