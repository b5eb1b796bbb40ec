import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import type { Captcha } from "./model.ts";

/** Before an order goes out, where the box office uses a captcha: the widget, or a wait instead. */
export function CaptchaStep({ captcha }: { captcha: Captcha }) {
  const section = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!box.current) return;
    section.current?.focus();
    const inside = box.current;
    const stop = new AbortController();
    import("../../captcha/widget.ts")
      .then(({ personIn }) => personIn(inside, captcha.asked, stop.signal))
      .then(captcha.answer, () => {
        if (!stop.signal.aborted) captcha.answer(null);
      });
    return () => stop.abort();
  }, [captcha]);

  return (
    <section class="captcha" ref={section} tabIndex={-1} aria-labelledby="captcha-title">
      <h2 id="captcha-title">{t("checkout.captcha")}</h2>
      <p>{t("checkout.captchaText")}</p>
      <div ref={box} class="captcha-box" />
      <button type="button" class="button" onClick={() => captcha.answer(null)}>
        {t("checkout.captchaWait")}
      </button>
    </section>
  );
}
