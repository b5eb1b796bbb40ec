import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { When } from "../../design/when.tsx";
import { t } from "../../i18n/index.ts";
import type { KeptOrder } from "../../sw/kept.ts";
import { keptOrders } from "../../sw/kept.ts";
import "./tickets.css";

/** What this browser keeps, the next event first. Asks nobody, so it is there without a network. */
export function TicketsPage() {
  const all = useSignal<KeptOrder[] | null>(null);
  useTitle(t("tickets.title"));
  useEffect(() => {
    void keptOrders()
      .catch(() => [])
      .then((found) => {
        all.value = found;
      });
  }, []);
  return (
    <main id="main" class="page narrow" aria-busy={all.value === null}>
      <h1 tabIndex={-1}>{t("tickets.title")}</h1>
      {all.value?.length === 0 ? (
        <>
          <p class="lead">{t("tickets.none")}</p>
          <p class="actions">
            <a class="button primary" href={paths.home()}>
              {t("missing.go")}
            </a>
          </p>
        </>
      ) : (
        <p class="lead">{t("tickets.lead")}</p>
      )}
      <ul class="kept">
        {all.value?.map((kept) => (
          <Kept key={kept.order.id} kept={kept} />
        ))}
      </ul>
    </main>
  );
}

function Kept({ kept: { order, event } }: { kept: KeptOrder }) {
  return (
    <li class="stub kept-order">
      <a href={paths.order(order.event_id, order.id)}>
        <div class="stub-head">
          <p class="kept-when figure">
            <When at={event.starts_at} timeZone={event.timezone} strong={["weekday", "day"]} year={false} />
          </p>
          <h2>{event.name}</h2>
          <p class="quiet">
            {event.venue.name}
            {event.venue.city ? `, ${event.venue.city}` : ""}
          </p>
        </div>
        <p class="stub-body">{t("tickets.count", { n: order.tickets.length })}</p>
      </a>
    </li>
  );
}
