import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { clock } from "../i18n/format.ts";
import type { Deadline } from "../shop/clock.ts";
import { leftMs, runClock } from "../shop/clock.ts";

const WORDS_FROM_MS = 120_000;

/** The thin line on top that shortens while time runs, with words when little is left. */
export function TimeLine({ end }: { end: Deadline | null }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => (end ? runClock() : undefined), [end]);
  const left = leftMs(end);
  useEffect(() => {
    if (line.current && end)
      line.current.style.transform = `scaleX(${Math.min(1, left / end.total)})`;
  }, [left, end]);
  if (!end) return null;
  const minutes = Math.ceil(left / 60_000);
  const near = left <= WORDS_FROM_MS;
  return (
    <div class="time" data-near={near ? "yes" : "no"}>
      <div class="time-line" ref={line} />
      {near && left > 0 && <p class="time-words figure">{t("time.left", { time: clock(left) })}</p>}
      <p class="hidden" role="status">
        {minutes > 1 && (minutes <= 2 || minutes === 5) ? t("time.minutes", { n: minutes }) : ""}
        {minutes === 1 && left > 0 ? t("time.last") : ""}
      </p>
    </div>
  );
}

/** The time left, in figures that do not jump. */
export function TimeLeft({ end }: { end: Deadline | null }) {
  useEffect(() => (end ? runClock() : undefined), [end]);
  return <span class="figure">{clock(leftMs(end))}</span>;
}
