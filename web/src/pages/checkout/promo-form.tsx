import type { Problem } from "../../api/problem.ts";
import { CodeBox } from "../../design/code-box.tsx";
import { zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import type { CheckoutModel } from "./model.ts";

/** Why a code was refused; one that works at another time is told when. */
export function promoWord(problem: Problem, timeZone: string, now = Date.now()): string {
  const { code, validFrom, validUntil } = problem;
  if (code === "promo_not_valid" && validFrom && Date.parse(validFrom) > now)
    return t("promo.from", { date: zonedDate(validFrom, timeZone) });
  if (code === "promo_not_valid" && validUntil)
    return t("promo.until", { date: zonedDate(validUntil, timeZone) });
  return word(problem);
}

/** A promo code for what is held; once the order stands its price stays. */
export function PromoForm({ model, disabled }: { model: CheckoutModel; disabled: boolean }) {
  const event = model.event.value;
  const { busy, problem } = model.promo;
  if (!event?.promo_codes || model.order.value) return null;
  return (
    <CodeBox
      ask={t("promo.ask")}
      label={t("promo.label")}
      used={model.quote.value?.promo_code ? t("promo.used") : null}
      problem={problem.value ? promoWord(problem.value, event.timezone) : ""}
      disabled={disabled || busy.value}
      onUse={(code) => model.promo.use(code)}
      onLeave={() => void model.promo.leave()}
    />
  );
}
