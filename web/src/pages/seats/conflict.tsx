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
          const { text, price } = alone.length > 0 ? otherwise(model, seats) : whole(model, seats);
          return (
            <button
              key={seats.join(",")}
              type="button"
              class="button small"
              onClick={() => model.takeOffer(seats)}
              onMouseEnter={() => model.lookAt(seats)}
            >
              {text} {price !== "" && <span class="figure quiet">{price}</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
}

interface OfferWords {
  text: string;
  price: string;
}

function sum(model: SeatsModel, seats: readonly number[]): number {
  return seats.reduce((total, seat) => total + (model.priceOfSeat(seat)?.amount ?? 0), 0);
}

function short(model: SeatsModel, amount: number): string {
  return money({ amount, currency: model.event.value?.currency ?? "EUR" }, { short: true });
}

/** An offer that stands for what was lost. */
function whole(model: SeatsModel, seats: readonly number[]): OfferWords {
  return {
    text: t("conflict.take", { seats: seatList(model, seats, false) }),
    price: short(model, sum(model, seats)),
  };
}

/** An offer that is a whole pick: only what it changes is named, with what that costs more. */
function otherwise(model: SeatsModel, offer: readonly number[]): OfferWords {
  const picks = model.picks.value;
  const added = offer.filter((seat) => !picks.includes(seat));
  const dropped = picks.filter((seat) => !offer.includes(seat));
  const seats = seatList(model, added, false);
  const more = sum(model, added) - sum(model, dropped);
  return {
    text:
      dropped.length === 0
        ? t("conflict.also", { seats })
        : t("conflict.instead", { seats, others: seatList(model, dropped, false) }),
    price: more === 0 ? "" : `${more > 0 ? "+" : ""}${short(model, more)}`,
  };
}
