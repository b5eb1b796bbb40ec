import { useEffect } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import type { EventDetail, Payment, PaymentMethod } from "../../api/types.ts";
import { spanWords } from "../../i18n/format.ts";
import type { Key } from "../../i18n/index.ts";
import { t } from "../../i18n/index.ts";
import type { CheckoutModel } from "./model.ts";
import type { StripeForm } from "./stripe-form.tsx";
import { TEST_CARDS, TEST_DEBITS } from "./ways.ts";

interface Props {
  model: CheckoutModel;
  event: EventDetail;
  disabled: boolean;
}

/** How it is paid. In the sandbox there is nothing to type: one chooses how card or account behave. */
export function WaysForm({ model, event, disabled }: Props) {
  const payment = model.order.value?.payment ?? null;
  const { provider } = payment ?? event.payment;
  if (provider === "none") return <p class="note">{t("checkout.noProvider")}</p>;
  if (provider === "stripe")
    return payment?.client_secret ? <StripeStep model={model} payment={payment} /> : null;
  const way = model.way.value;
  return (
    <>
      {event.payment_methods.length > 1 && (
        <Tiles
          legend={t("checkout.way")}
          name="way"
          chosen={model.way as Signal<string>}
          values={event.payment_methods}
          label="way"
          disabled={disabled}
        />
      )}
      {way === "card" && (
        <Tiles
          legend={t("checkout.card")}
          hint={t("checkout.test")}
          name="card"
          chosen={model.card}
          values={TEST_CARDS}
          label="card"
          disabled={disabled}
        />
      )}
      {way === "sepa_debit" && (
        <Tiles
          legend={t("checkout.debit")}
          hint={`${t("checkout.testDebit")} ${debitWait(event.processing_seconds ?? 0)}`}
          name="debit"
          chosen={model.debit}
          values={TEST_DEBITS}
          label="debit"
          disabled={disabled}
        />
      )}
      {(way === "ideal" || way === "bancontact") && <p class="note">{t("checkout.bankPage")}</p>}
    </>
  );
}

/** A real provider's form is fetched when there is something to pay with it. */
function StripeStep({ model, payment }: { model: CheckoutModel; payment: Payment }) {
  const form = useSignal<typeof StripeForm | null>(null);
  useEffect(() => {
    void import("./stripe-form.tsx").then(({ StripeForm }) => {
      form.value = StripeForm;
    });
  }, []);
  const Form = form.value;
  return Form && <Form model={model} payment={payment} />;
}

/** How long the places wait for a bank that takes its time. */
function debitWait(seconds: number): string {
  return seconds > 0
    ? t("checkout.debitWait", { span: spanWords(seconds) })
    : t("checkout.debitShort");
}

interface TilesProps {
  legend: string;
  hint?: string;
  name: string;
  chosen: Signal<string>;
  values: readonly string[];
  label: "way" | "card" | "debit";
  disabled: boolean;
}

function Tiles({ legend, hint, name, chosen, values, label, disabled }: TilesProps) {
  const words = (value: string, part: "" | ".note"): string =>
    t(`${label}.${value as PaymentMethod}${part}` as Key);
  return (
    <fieldset class="cards" disabled={disabled}>
      <legend>{legend}</legend>
      {hint && <p class="quiet">{hint}</p>}
      {values.map((value) => (
        <label key={value} class="card">
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen.value === value}
            onChange={() => {
              chosen.value = value;
            }}
          />
          <span class="card-name figure">{words(value, "")}</span>
          <span class="card-note quiet">{words(value, ".note")}</span>
        </label>
      ))}
    </fieldset>
  );
}
