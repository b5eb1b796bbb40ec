import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Problem } from "../api/problem.ts";
import { paths } from "../app/router.ts";
import { t } from "../i18n/index.ts";
import { word } from "../i18n/problem.ts";

const BUSY_WAIT_S = 8;

/** A whole page that says what is wrong and what to do; when it is only full, it tries by itself. */
export function Failure({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const busy = problem.code === "busy" || problem.code === "rate_limited";
  const seconds = useSignal(Math.ceil((problem.retryAfterMs ?? BUSY_WAIT_S * 1000) / 1000));
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => {
      seconds.value--;
      if (seconds.value <= 0) {
        clearInterval(timer);
        onRetry();
      }
    }, 1000);
    return () => clearInterval(timer);
  }, [busy]);
  const missing = problem.status === 404;
  return (
    <main id="main" class="page narrow">
      <h1 tabIndex={-1}>{busy ? t("busy.title") : missing ? t("missing.title") : word(problem)}</h1>
      {busy && <p class="lead">{t("busy.text", { n: Math.max(0, seconds.value) })}</p>}
      {missing && <p class="lead">{word(problem)}</p>}
      <p class="actions">
        {missing ? (
          <a class="button primary" href={paths.home()}>
            {t("missing.go")}
          </a>
        ) : (
          <button type="button" class="button primary" onClick={onRetry}>
            {t("app.retry")}
          </button>
        )}
        {problem.code === "offline" && (
          <a class="button" href={paths.tickets()}>
            {t("app.tickets")}
          </a>
        )}
      </p>
    </main>
  );
}
