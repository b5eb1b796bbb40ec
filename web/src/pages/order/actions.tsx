import { useSignal } from "@preact/signals";
import type { EventDetail, Order } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { placeLabel } from "../../design/item-label.ts";
import { t } from "../../i18n/index.ts";

/** What else one does with tickets: the date into one's calendar, friends told. */
export function Actions({ order, event }: { order: Order; event: EventDetail }) {
  const copied = useSignal(false);
  const calendar = async (): Promise<void> => {
    const { calendarText } = await import("./calendar.ts");
    const { saveText } = await import("./share.ts");
    const url = location.origin + paths.order(order.event_id, order.id);
    const places = order.tickets.map(placeLabel);
    const uid = `${order.id}@${location.hostname}`;
    const text = calendarText({ event, url, places, uid, now: Date.now() });
    saveText(`${event.name}.ics`, "text/calendar", text);
  };
  const share = async (): Promise<void> => {
    const { shareLink } = await import("./share.ts");
    const url = location.origin + paths.event(event.id);
    const text = t("order.shareText", { event: event.name });
    copied.value = await shareLink({ title: event.name, text, url });
  };
  return (
    <div class="actions">
      <button type="button" class="button" onClick={() => void calendar()}>
        {t("order.calendar")}
      </button>
      <button type="button" class="button" onClick={() => void share().catch(() => undefined)}>
        {t("order.share")}
      </button>
      <span class="order-shared quiet" role="status">
        {copied.value && t("order.shared")}
      </span>
    </div>
  );
}
