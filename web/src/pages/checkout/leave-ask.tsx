import { useEffect, useRef } from "preact/hooks";
import { spanWords } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { leftMs } from "../../shop/clock.ts";
import type { CheckoutModel } from "./model.ts";

interface Props {
  model: CheckoutModel;
  /** Follows the link. */
  go: () => void;
  onClose: () => void;
}

/** Who goes elsewhere in the shop may take the seats along for a while, or leave them to others. */
export function LeaveAsk({ model, go, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Said once: what the clock changes is not read out again.
  const span = useRef(spanWords(leftMs(model.end.value) / 1000));
  useEffect(() => dialog.current?.showModal(), []);
  const leave = (act: () => void): void => {
    dialog.current?.close();
    act();
  };
  return (
    <dialog ref={dialog} aria-labelledby="leave-title" onClose={onClose}>
      <h2 id="leave-title">{t("checkout.leave")}</h2>
      <p>{t("checkout.leaveText", { span: span.current })}</p>
      <div class="actions">
        <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
          {t("checkout.leaveStay")}
        </button>
        <button type="button" class="button" onClick={() => leave(go)}>
          {t("checkout.leaveKeep")}
        </button>
        <button type="button" class="button" onClick={() => leave(() => void model.giveBack(go))}>
          {t("checkout.leaveGive")}
        </button>
      </div>
    </dialog>
  );
}
