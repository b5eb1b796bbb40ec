import { useEffect, useRef } from "preact/hooks";
import { spanWords } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { leftMs, runClock } from "../../shop/clock.ts";
import type { Away } from "./model.ts";

/** A span of which no more is promised than there is: whole minutes, from one on. */
const promised = (ms: number): string =>
  spanWords(ms < 60_000 ? ms / 1000 : Math.floor(ms / 60_000) * 60);

/** Payments cannot be started just now: what that means for the places, and when it is tried again. */
export function AwayNote({ away, leftToPayMs }: { away: Away; leftToPayMs: number }) {
  useEffect(() => runClock(), [away]);
  // Said once: what the clock changes is not read out again.
  const left = useRef(leftToPayMs);
  return (
    <div class="note">
      <p>
        <strong>{t("checkout.away")}</strong>{" "}
        {away.longerMs > 0
          ? t("checkout.awayLonger", { span: promised(away.longerMs) })
          : t("checkout.awayKept", { span: promised(left.current) })}
      </p>
      <p class="figure" aria-hidden="true">
        {t("checkout.awayAgain", { n: Math.ceil(leftMs(away.again) / 1000) })}
      </p>
    </div>
  );
}
