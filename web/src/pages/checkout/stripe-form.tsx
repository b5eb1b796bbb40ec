import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Payment } from "../../api/types.ts";
import { dark } from "../../design/theme.ts";
import { language, t } from "../../i18n/index.ts";
import { mountFields } from "../../stripe/fields.ts";
import type { CheckoutModel } from "./model.ts";

const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The provider's own form for the order's payment. Without it the order stands and the seats wait. */
export function StripeForm({ model, payment }: { model: CheckoutModel; payment: Payment }) {
  const box = useRef<HTMLDivElement>(null);
  const missed = useSignal(false);
  const tries = useSignal(0);

  useEffect(() => {
    if (!box.current) return;
    const stop = new AbortController();
    const buyer = { email: model.email.value, name: model.name.value.trim() };
    const style = { locale: language(), token, dark: dark.value };
    mountFields(box.current, payment, buyer, style).then(
      (fields) => {
        if (stop.signal.aborted) fields.remove();
        else model.fields.value = fields;
      },
      () => {
        missed.value = !stop.signal.aborted;
      },
    );
    return () => {
      stop.abort();
      model.fields.value?.remove();
      model.fields.value = null;
    };
  }, [payment.client_secret, tries.value]);

  const again = (): void => {
    missed.value = false;
    tries.value++;
  };
  return (
    <fieldset class="stripe">
      <legend>{t("checkout.fields")}</legend>
      <div ref={box} class="stripe-fields" aria-busy={model.fields.value === null && !missed.value} />
      {missed.value && (
        <div class="note" data-kind="problem" role="alert">
          <p>{t("checkout.fieldsAway")}</p>
          <p class="actions">
            <button type="button" class="button" onClick={again}>
              {t("app.retry")}
            </button>
          </p>
        </div>
      )}
    </fieldset>
  );
}
