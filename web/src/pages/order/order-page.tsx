import type { VNode } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { EventDetail, Order } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { Savings } from "../../design/price.tsx";
import { moment, money, zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { savingsOf } from "../../shop/quote.ts";
import { Actions } from "./actions.tsx";
import type { Old } from "./model.ts";
import { OrderModel } from "./model.ts";
import { Refunds } from "./refunds.tsx";
import { TicketStub } from "./ticket-stub.tsx";
import { nextOf, titleOf, toldOf, untilOf } from "./words.ts";
import "./order.css";

/** A payment that just went through is told here a moment later: so many looks say "one moment". */
const MOMENT_LOOKS = 6;

/** What became of an order; once paid, its tickets. */
export function OrderPage({ id, order: orderId }: { id: string; order: string }) {
  const model = useMemo(() => new OrderModel(id, orderId), [id, orderId]);
  useTitle(t("order.title"));
  useEffect(() => model.start(), [model]);

  if (model.failure.value)
    return <Failure problem={model.failure.value} onRetry={() => location.reload()} />;
  const now = model.order.value;
  const event = model.event.value;
  const looks = model.looks.value;
  if (!now) return <main id="main" class="page wait" aria-busy="true" />;
  if (now.tickets.length > 0)
    return <Tickets order={now} event={event} old={model.old.value} kept={model.kept.value} />;
  if (now.reason === "being_captured" || (now.reason === "to_pay" && looks <= MOMENT_LOOKS))
    return <Moment order={now} />;
  return <Told order={now} event={event} />;
}

/** The payment went through, the tickets are not there yet. */
function Moment({ order }: { order: Order }) {
  return (
    <main id="main" class="page narrow" aria-live="polite">
      <h1 tabIndex={-1}>{t("order.wait")}</h1>
      <div class="progress" aria-hidden="true" />
      <p class="lead">{t("order.waitText")}</p>
      <p class="quiet">{t("order.reference", { id: order.id })}</p>
    </main>
  );
}

/** An order without tickets: what became of it, and the next step if there is one. */
function Told({ order, event }: { order: Order; event: EventDetail | null }) {
  const next = nextOf(order);
  const told = toldOf(order);
  const until = untilOf(order);
  const { event_id: id, hold_id: hold } = order;
  return (
    <main id="main" class="page narrow" aria-live="polite">
      <h1 tabIndex={-1}>{t(titleOf(order))}</h1>
      <p class="lead">
        {told !== null && t(told)}
        {until !== null &&
          ` ${t(until.say, { date: zonedDate(until.at, event?.timezone ?? "UTC") })}`}
      </p>
      <Refunds order={order} />
      {next !== null && (
        <p class="actions">
          {next === "pay" && hold !== undefined ? (
            <a class="button primary" href={paths.checkout(id, hold)}>
              {t("order.pay")}
            </a>
          ) : (
            <a class="button primary" href={paths.event(id)}>
              {t("checkout.again")}
            </a>
          )}
        </p>
      )}
      <footer class="order-foot">
        <Reference order={order} event={event} />
      </footer>
    </main>
  );
}

interface TicketsProps {
  order: Order;
  event: EventDetail | null;
  old: Old | null;
  kept: boolean;
}

function Tickets({ order, event, old, kept }: TicketsProps) {
  const told = toldOf(order);
  const bright = useSignal<VNode | null>(null);
  const show = async (first: number): Promise<void> => {
    const { Bright } = await import("./bright.tsx");
    const close = (): void => {
      bright.value = null;
    };
    bright.value = <Bright tickets={order.tickets} event={event} first={first} onClose={close} />;
  };
  return (
    <main id="main" class="page order">
      <header class="order-head">
        <h1 tabIndex={-1}>
          {order.state === "paid"
            ? t("order.paid", { n: order.tickets.length })
            : t(titleOf(order))}
        </h1>
        <p class="lead">
          {told !== null
            ? t(told)
            : order.email
              ? t("order.paidText", { email: order.email })
              : t("order.paidTextNoMail")}
        </p>
        <p class="order-since quiet" role="status">
          {old
            ? t(old.lost ? "order.sinceLost" : "order.since", { date: moment(old.since) })
            : kept && t("tickets.lead")}
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
            onShow={() => void show(i)}
          />
        ))}
      </ol>
      {event && <Actions order={order} event={event} />}
      {bright.value}
      <Refunds order={order} />
      <footer class="order-foot">
        <p>
          {t("order.summary")}: <b class="figure">{money(order.total)}</b>
          {order.tax.amount > 0 && (
            <>
              {" "}
              <span class="quiet">{t("checkout.tax", { tax: money(order.tax) })}</span>
            </>
          )}
        </p>
        <Savings savings={savingsOf(order, event)} currency={order.total.currency} />
        <Reference order={order} event={event} />
      </footer>
    </main>
  );
}

function Reference({ order, event }: { order: Order; event: EventDetail | null }) {
  return (
    <>
      <p class="quiet">{t("order.reference", { id: order.id })}</p>
      {event?.payment.provider === "sandbox" && (
        <p>
          <a href={paths.mailbox()}>{t("order.mailbox")}</a>
        </p>
      )}
      <p>
        <a href={paths.home()}>{t("order.another")}</a>
      </p>
    </>
  );
}
