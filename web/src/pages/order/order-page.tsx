import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { getEvent, getOrder } from "../../api/shop.ts";
import type { EventDetail, Order } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { setTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { Savings } from "../../design/price.tsx";
import { money, zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { savingsOf } from "../../shop/quote.ts";
import { Refunds } from "./refunds.tsx";
import { TicketStub } from "./ticket-stub.tsx";
import { lookAgainMs, nextOf, titleOf, toldOf, untilOf } from "./words.ts";
import "./order.css";

/** A payment that just went through is told here a moment later: so many looks say "one moment". */
const MOMENT_LOOKS = 6;
const AFTER_FAILURE_MS = 5000;

/** What became of an order; once paid, its tickets. */
export function OrderPage({ id, order: orderId }: { id: string; order: string }) {
  const order = useSignal<Order | null>(null);
  const event = useSignal<EventDetail | null>(null);
  const failure = useSignal<Problem | null>(null);
  /** How often it was looked at: after a while a pending order offers the way back to payment. */
  const looks = useSignal(0);

  useEffect(() => {
    setTitle(t("order.title"));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    let looking = false;
    const look = async (): Promise<void> => {
      looking = true;
      try {
        const fresh = await getOrder(id, orderId);
        if (gone) return;
        order.value = fresh;
        looks.value++;
        const wait = lookAgainMs(fresh, looks.value);
        if (wait !== null) timer = setTimeout(() => void look(), wait);
      } catch (thrown) {
        if (gone) return;
        const problem = asProblem(thrown);
        if (order.value === null) failure.value = problem;
        else timer = setTimeout(() => void look(), AFTER_FAILURE_MS);
      } finally {
        looking = false;
      }
    };
    void getEvent(id)
      .then((fresh) => {
        event.value = fresh;
      })
      .catch(() => undefined);
    void look();
    // Who comes back to an old page sees what became of the order meanwhile.
    const seen = (): void => {
      if (document.hidden || looking) return;
      clearTimeout(timer);
      void look();
    };
    document.addEventListener("visibilitychange", seen);
    return () => {
      gone = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [id, orderId]);

  if (failure.value) return <Failure problem={failure.value} onRetry={() => location.reload()} />;
  const now = order.value;
  if (!now) return <main id="main" class="page wait" aria-busy="true" />;
  if (now.tickets.length > 0) return <Tickets order={now} event={event.value} />;
  if (now.reason === "being_captured" || (now.reason === "to_pay" && looks.value <= MOMENT_LOOKS))
    return <Moment order={now} />;
  return <Told order={now} event={event.value} />;
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

function Tickets({ order, event }: { order: Order; event: EventDetail | null }) {
  const told = toldOf(order);
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
