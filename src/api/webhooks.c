/* webhooks: POST /webhooks/stripe. Answered after what it says is durable. */
#include "api/context.h"
#include "base/time.h"
#include "booking/records.h"
#include "effects/stripe.h"
#include "routes.gen.h"

static void answer_received(struct http_exchange *x, uint64_t barrier)
{
    http_answer(x, 200, "application/json", SLICE("{\"received\":true}"), barrier);
}

/* 0: the event says nothing that the box office needs. */
static uint8_t news_kind(enum stripe_event_type type)
{
    switch (type) {
    case STRIPE_EVENT_AUTHORISED: return BOOKING_PAYMENT_AUTHORISED;
    case STRIPE_EVENT_DECLINED: return BOOKING_PAYMENT_DECLINED;
    case STRIPE_EVENT_CAPTURED: return BOOKING_PAYMENT_CAPTURED;
    case STRIPE_EVENT_CANCELLED: return BOOKING_PAYMENT_CANCELLED;
    case STRIPE_EVENT_OTHER: break;
    }
    return 0;
}

static bool was_taken(const struct webhook_memory *memory, struct hash128 event)
{
    for (uint32_t i = 0; i < API_WEBHOOKS_KEPT; i++) {
        if (memory->seen[i].low == event.low && memory->seen[i].high == event.high)
            return true;
    }
    return false;
}

static void remember(struct webhook_memory *memory, struct hash128 event)
{
    memory->seen[memory->next++ % API_WEBHOOKS_KEPT] = event;
}

static void submit_news(struct http_exchange *x, const struct stripe_event *event, struct id order)
{
    struct api *api = api_of(x);
    struct hash128 event_hash = hash128_of(event->id, strlen(event->id));
    if (was_taken(&api->webhooks, event_hash)) { /* a decline counts once */
        answer_received(x, engine_barrier(api->options.engine));
        return;
    }
    uint64_t randoms[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = keys_random_u64();
    struct booking_command command = {.number = BOOKING_COMMAND_payment_news};
    struct command_payment_news *news = &command.payment_news;
    news->order = order.slot;
    news->order_random = order.random;
    news->kind = news_kind(event->type);
    news->intent = slice_from_string(event->intent.id);
    news->client_secret = slice_from_string(event->intent.client_secret);
    if (event->type == STRIPE_EVENT_AUTHORISED)
        news->amount_minor = event->intent.capturable_minor;
    if (event->type == STRIPE_EVENT_CAPTURED)
        news->amount_minor = event->intent.received_minor;
    news->code = slice_from_string(event->intent.last_error);
    news->ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    struct engine_result result;
    engine_submit(api->options.engine, order.partition, &command, &result);
    /* A disk without room is worth another delivery; an order of another house is not ours. */
    if (result.no_space) {
        (void)api_result_failed(x, &result);
        return;
    }
    remember(&api->webhooks, event_hash);
    answer_received(x, result.barrier);
}

void api_webhook_stripe(struct http_exchange *x)
{
    const struct api_options *o = &api_of(x)->options;
    struct stripe_signature signature = {
        .header = http_header(x, "stripe-signature"),
        .body = http_body(x),
        .secrets = o->payment.webhook_secrets,
        .secret_count = o->payment.webhook_secret_count,
        .now_s = o->wall_us(o->host) / TIME_SECOND_US,
    };
    if (!stripe_signature_valid(&signature)) {
        problem_answer(x, PROBLEM_BAD_SIGNATURE, 0,
                       "Stripe-Signature is missing, too old or not over this body");
        return;
    }
    struct stripe_event event;
    struct err err;
    if (stripe_event_read(http_body(x), &event, &err) < 0) {
        problem_answer(x, PROBLEM_BAD_JSON, 0, "%s", err.detail);
        return;
    }
    struct id order;
    if (news_kind(event.type) &&
        id_parse(ID_ORDER, slice_from_string(event.intent.order_id), &order))
        submit_news(x, &event, order);
    else
        answer_received(x, 0);
}
