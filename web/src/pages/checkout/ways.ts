// The ways to pay, as the provider's fields name them.
import type { Means } from "../../api/provider.ts";
import type { PaymentMethod } from "../../api/types.ts";

/** Test cards of the sandbox and what each of them does. */
export const TEST_CARDS = [
  "pm_card_visa",
  "pm_card_mastercard",
  "pm_card_chargeDeclined",
  "pm_card_chargeDeclinedInsufficientFunds",
  "pm_card_authenticationRequired",
] as const;

/** Its test accounts. */
export const TEST_DEBITS = ["pm_success_de", "pm_failed_de"] as const;

export interface Choice {
  way: PaymentMethod;
  card: string;
  debit: string;
  name: string;
  email: string;
}

/** What the payment is confirmed with. */
export function meansOf({ way, card, debit, name, email }: Choice): Means {
  switch (way) {
    case "card":
      return { payment_method: card };
    case "sepa_debit":
      return {
        payment_method: debit,
        "mandate_data[customer_acceptance][type]": "online",
        "mandate_data[customer_acceptance][online][infer_from_client]": "true",
      };
    case "ideal":
    case "bancontact":
      return {
        "payment_method_data[type]": way,
        "payment_method_data[billing_details][name]": name.trim() || email,
      };
  }
}
