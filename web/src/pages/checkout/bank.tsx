import { t } from "../../i18n/index.ts";
import type { CheckoutModel } from "./model.ts";

/** The bank asks who is paying. The sandbox plays the bank in place; a real one has its own page. */
export function Bank({ model }: { model: CheckoutModel }) {
  const challenge = model.challenge.value;
  return (
    <section class="checkout-form bank" aria-labelledby="bank-title">
      <h2 id="bank-title">{t("checkout.auth")}</h2>
      <p>{t("checkout.authText")}</p>
      <div class="checkout-next">
        {challenge?.sandboxPath ? (
          <>
            <button
              type="button"
              class="button primary large"
              onClick={() => void model.answerBank(true)}
            >
              {t("checkout.authYes")}
            </button>
            <button type="button" class="button" onClick={() => void model.answerBank(false)}>
              {t("checkout.authNo")}
            </button>
          </>
        ) : challenge?.url ? (
          <a class="button primary large" href={challenge.url} rel="external">
            {t("checkout.authGo")}
          </a>
        ) : null}
        <button type="button" class="button quiet-button" onClick={() => model.otherCard()}>
          {t("checkout.authOther")}
        </button>
      </div>
    </section>
  );
}
