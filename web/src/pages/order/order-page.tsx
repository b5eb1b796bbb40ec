import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { getEvent, getOrder } from "../../api/shop.ts";
import type { EventDetail, Order } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { setTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { TicketStub } from "./ticket-stub.tsx";
import "./order.css";

const FIRST_LOOK_MS = 350;
const LONGEST_LOOK_MS = 5000;

/** An order still on its way is looked at again; these states are its end (or need nobody here). */
function settled(order: Order): boolean {
  return order.state !== "pending" && order.state !== "processing";
}

/** What became of an order; once paid, its tickets. */
export function OrderPage({ id, order: orderId }: { id: string; order: string }) {
  const order = useSignal<Order | null>(null);
  const event = useSignal<EventDetail | null>(null);
  const failure = useSignal<Problem | null>(null);
  /** How often it was still open: after a while a pending order offers the way back to payment. */
  const looks = useSignal(0);

  useEffect(() => {
    setTitle(t("order.title"));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async (): Promise<void> => {
      try {
        const fresh = await getOrder(id, orderId);
        if (gone) return;
        order.value = fresh;
        looks.value++;
        if (settled(fresh)) return;
        const wait = Math.min(FIRST_LOOK_MS * 1.35 ** looks.value, LONGEST_LOOK_MS);
        timer = setTimeout(() => void look(), wait);
      } catch (thrown) {
        if (gone) return;
        const problem = asProblem(thrown);
        if (order.value === null) failure.value = problem;
        else timer = setTimeout(() => void look(), LONGEST_LOOK_MS);
      }
    };
    void getEvent(id)
      .then((fresh) => {
        event.value = fresh;
      })
      .catch(() => undefined);
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [id, orderId]);

  if (failure.value) return <Failure problem={failure.value} onRetry={() => location.reload()} />;
  const now = order.value;
  if (!now) return <main id="main" class="page wait" aria-busy="true" />;
  if (now.tickets.length > 0) return <Paid order={now} event={event.value} />;
  return <Unpaid order={now} looks={looks.value} id={id} />;
}

function Unpaid({ order, looks, id }: { order: Order; looks: number; id: string }) {
  const waiting = order.state === "pending" || order.state === "processing";
  const stuck = order.state === "pending" && looks > 6;
  return (
    <main id="main" class="page narrow" aria-live="polite">
      <h1 tabIndex={-1}>
        {waiting && !stuck
          ? t("order.wait")
          : order.state === "processing" || order.state === "paid"
            ? t("order.wait")
            : order.payment?.last_error?.code === "card_limit_reached"
              ? t("order.cardLimit")
              : t(`order.${order.state}`)}
      </h1>
      {waiting && !stuck && (
        <>
          <div class="progress" aria-hidden="true" />
          <p class="lead">{t("order.waitText")}</p>
        </>
      )}
      <p class="quiet">{t("order.reference", { id: order.id })}</p>
      <p class="actions">
        {stuck && order.hold_id !== undefined ? (
          <a class="button primary" href={paths.checkout(id, order.hold_id)}>
            {t("order.pay")}
          </a>
        ) : waiting ? null : (
          <a class="button primary" href={paths.event(id)}>
            {t("checkout.again")}
          </a>
        )}
      </p>
    </main>
  );
}

function Paid({ order, event }: { order: Order; event: EventDetail | null }) {
  const partly = order.state === "refunded" || order.state === "partially_refunded";
  return (
    <main id="main" class="page order">
      <header class="order-head">
        <h1 tabIndex={-1}>
          {partly
            ? t(order.state === "refunded" ? "order.refunded" : "order.partially_refunded")
            : t("order.paid", { n: order.tickets.length })}
        </h1>
        <p class="lead">
          {order.email ? t("order.paidText", { email: order.email }) : t("order.paidTextNoMail")}
        </p>
      </header>
      <ol class="tickets">
        {order.tickets.map((ticket, i) => (
          <TicketStub
            key={ticket.id}
            ticket={ticket}
            event={event}
            place={i + 1}
            all={order.tickets.length}
          />
        ))}
      </ol>
      <footer class="order-foot">
        <p>
          {t("order.summary")}: <b class="figure">{money(order.total)}</b>
        </p>
        <p class="quiet">{t("order.reference", { id: order.id })}</p>
        {event?.payment.provider === "sandbox" && (
          <p>
            <a href={paths.mailbox()}>{t("order.mailbox")}</a>
          </p>
        )}
        <p>
          <a href={paths.home()}>{t("order.another")}</a>
        </p>
      </footer>
    </main>
  );
}
