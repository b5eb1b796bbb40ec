import { useEffect, useMemo } from "preact/hooks";
import type { EventDetail } from "../../api/types.ts";
import { TimeLeft } from "../../design/time-line.tsx";
import { t } from "../../i18n/index.ts";
import { now, runClock } from "../../shop/clock.ts";
import { timeInside, waitingRoom } from "../../shop/waiting.ts";

/** How long the waiting room let us in for; afterwards, what that means and what to do. */
export function Inside({ event, held }: { event: EventDetail; held: boolean }) {
  const end = useMemo(() => timeInside(event), [event.id, event.queue.active]);
  useEffect(() => (end ? runClock() : undefined), [end]);
  if (!end) return null;
  if (now.value < end.at)
    return held ? null : (
      <p class="inside quiet">
        {t("inside.left")} <TimeLeft end={end} />
      </p>
    );
  return (
    <div class="note inside" role="status">
      <p>{t(held ? "inside.overHeld" : "inside.over")}</p>
      <a class="button small" href={waitingRoom(event.id)}>
        {t("inside.again")}
      </a>
    </div>
  );
}
