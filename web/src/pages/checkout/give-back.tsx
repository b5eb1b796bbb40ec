import { useRef } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import type { CheckoutModel } from "./model.ts";

/** Gives the seats back, after asking: someone else takes them at once. */
export function GiveBack({ model, disabled }: { model: CheckoutModel; disabled: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        class="button quiet-button"
        disabled={disabled}
        onClick={() => dialog.current?.showModal()}
      >
        {t("checkout.back")}
      </button>
      <dialog ref={dialog} aria-labelledby="back-title">
        <h2 id="back-title">{t("checkout.backAsk")}</h2>
        <p>{t("checkout.backText")}</p>
        <div class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {t("checkout.backNo")}
          </button>
          <button
            type="button"
            class="button primary"
            onClick={() => {
              dialog.current?.close();
              void model.giveBack();
            }}
          >
            {t("checkout.backYes")}
          </button>
        </div>
      </dialog>
    </>
  );
}
