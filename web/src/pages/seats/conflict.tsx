import { t } from "../../i18n/index.ts";
import { money } from "../../i18n/format.ts";
import type { Conflict, SeatsModel } from "./model.ts";
import { seatLabel, seatList } from "./words.ts";

/** What was lost, or would be left alone, and what to take instead. */
export function ConflictNote({ model, conflict }: { model: SeatsModel; conflict: Conflict }) {
  const { lost, alone, offers } = conflict;
  const said =
    alone.length === 1
      ? t("conflict.alone", { seat: seatLabel(model, alone[0]) })
      : alone.length > 0
        ? t("conflict.aloneMany", { seats: seatList(model, alone) })
        : lost.length === 1
          ? t("conflict.one", { seat: seatLabel(model, lost[0]) })
          : t("conflict.many", { seats: seatList(model, lost) });
  return (
    <div class="note" role="alert">
      <p>
        <strong>{said}</strong>{" "}
        {alone.length > 0
          ? ""
          : offers.length > 0
            ? t("conflict.near", { n: offers.length })
            : t("conflict.none")}
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
