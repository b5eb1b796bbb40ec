import type { Payment } from "../../api/types.ts";
import type { Key } from "../../i18n/index.ts";
import { t } from "../../i18n/index.ts";
import type { CheckoutModel } from "./model.ts";

/** Test cards of the sandbox and what each of them does. */
export const TEST_CARDS = [
  "pm_card_visa",
  "pm_card_mastercard",
  "pm_card_chargeDeclined",
  "pm_card_chargeDeclinedInsufficientFunds",
  "pm_card_authenticationRequired",
] as const;

interface Props {
  model: CheckoutModel;
  provider: Payment["provider"];
  disabled: boolean;
}

/** The card. In the sandbox there is nothing to type: one chooses how the card will behave. */
export function CardForm({ model, provider, disabled }: Props) {
  if (provider === "none") return <p class="note">{t("checkout.noProvider")}</p>;
  if (provider === "stripe") return <p class="note">{t("checkout.stripe")}</p>;
  return (
    <fieldset class="cards" disabled={disabled}>
      <legend>{t("checkout.card")}</legend>
      <p class="quiet">{t("checkout.test")}</p>
      {TEST_CARDS.map((card) => (
        <label key={card} class="card">
          <input
            type="radio"
            name="card"
            value={card}
            checked={model.card.value === card}
            onChange={() => {
              model.card.value = card;
            }}
          />
          <span class="card-name figure">{t(`card.${card}` satisfies Key)}</span>
          <span class="card-note quiet">{t(`card.${card}.note` satisfies Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}
