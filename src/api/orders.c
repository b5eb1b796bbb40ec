#include "api/orders.h"

#include "api/admission.h"
#include "api/auth.h"
#include "api/event_json.h"
#include "api/hurdle.h"
#include "api/idempotency.h"
#include "api/items.h"
#include "api/order_json.h"
#include "api/places.h"
#include "api/promos.h"
#include "api/request.h"
#include "base/records.h"
#include "base/time.h"
#include "effects/stripe.h"
#include "guard/velocity.h"
#include "keys/person.h"
#include "routes.gen.h"

#include <stdio.h>
#include <stdlib.h>

#define ORDER_PATIENCE_MS 8000u
#define WAITER_LOOK_MS 250u
#define AWAY_EXTENSION_SECONDS 300u
#define AWAY_RETRY_MAX_MS 60000u

struct order_waiter {
    struct order_waiter *next;
    struct http_exchange *x;
    struct id order;
    uint64_t deadline_ms;
};

/* ---- how an order is told ---- */

/* What the commonest codes mean, in words; pages word them by `code`. */
static const char *decline_words(struct slice code)
{
    static const struct {
        const char *code, *words;
    } table[] = {
        {"card_declined", "The card was declined"},
        {"generic_decline", "The card was declined"},
        {"insufficient_funds", "The card has not enough funds"},
        {"expired_card", "The card has expired"},
        {"incorrect_cvc", "The card's security code is wrong"},
        {"lost_card", "The card was declined"},
        {"stolen_card", "The card was declined"},
        {"processing_error", "The bank could not process the card; try again"},
        {"authentication_required", "The bank asks for a confirmation"},
        {"payment_intent_authentication_failure", "The bank did not confirm the payment"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (slice_equal(code, slice_from_string(table[i].code)))
            return table[i].words;
    }
    return "The payment did not succeed; the seats are still yours to pay";
}

static void write_payment(struct http_exchange *x, struct json *j,
                          const struct booking_order *order)
{
    if (order->total_minor == 0) {
        json_put_null(j, "payment");
        return;
    }
    json_put_object(j, "payment");
    event_write_payment(x, j, order->provider < API_PROVIDERS ? order->provider : 0);
    event_write_text(j, "intent_id", order->intent);
    event_write_text(j, "client_secret", order->client_secret);
    bool ended = order->state == BOOKING_ORDER_ENDING || order->state == BOOKING_ORDER_ENDED;
    if (ended && order->end == BOOKING_END_CARD_LIMIT) {
        json_put_object(j, "last_error");
        json_put_string(j, "code", "card_limit_reached");
        json_put_string(
            j, "message",
            "This card has paid for as many tickets as one buyer may have here; nothing "
            "was taken: choose seats again and pay with another card");
        json_end(j);
    } else if (order->decline_code.len && order->state == BOOKING_ORDER_PLACED) {
        json_put_object(j, "last_error");
        json_put_text(j, "code", order->decline_code);
        json_put_string(j, "message", decline_words(order->decline_code));
        json_end(j);
    } else {
        json_put_null(j, "last_error");
    }
    json_end(j);
}

static void write_tickets(struct json *j, const struct api_event *event, const struct booking *b,
                          const struct booking_order *order, uint32_t slot)
{
    json_put_array(j, "tickets");
    for (uint32_t i = 0; i < order->unit_count; i++) {
        struct booking_ticket ticket;
        uint32_t unit = order->units[i];
        uint64_t random = booking_ticket_random(b, unit);
        if (!random || !booking_ticket_get(b, unit, random, &ticket) || !ticket.valid ||
            ticket.order != slot)
            continue;
        char id[ID_TEXT_MAX], url[80];
        id_format(ID_TICKET, (struct id){event->partition, unit, random}, id);
        json_put_object(j, NULL);
        json_put_string(j, "id", id);
        items_write_place(j, event, b, unit);
        (void)snprintf(url, sizeof url, "/api/v1/tickets/%s.svg", id);
        json_put_string(j, "svg_url", url);
        (void)snprintf(url, sizeof url, "/api/v1/tickets/%s.png", id);
        json_put_string(j, "png_url", url);
        json_end(j);
    }
    json_end(j);
}

int orders_contact(struct api *api, struct id order, struct person_contact *ret_contact,
                   struct err *err)
{
    BUF_AUTO struct buf sealed = BUF_INIT;
    struct views_contact kept;
    int found = views_contact(api->options.views, order.partition, order.slot, &kept, &sealed, err);
    if (found < 0)
        return found;
    if (found == 0 || kept.order_random != order.random)
        return 1;
    return person_open(api->options.keys, kept.person, buf_slice(&sealed), ret_contact, err);
}

static void write_contact(struct json *j, const struct person_contact *contact)
{
    event_write_text(j, "email",
                     contact ? slice_make(contact->email, contact->email_len) : SLICE(""));
    event_write_text(j, "name", contact ? slice_make(contact->name, contact->name_len) : SLICE(""));
}

static void write_deadline(struct json *j, const struct booking_order *order, uint64_t now_us)
{
    if (order->state == BOOKING_ORDER_PLACED) {
        json_put_time(j, "expires_at", order->expires_at_us);
        json_put_u64(j, "expires_in_ms", items_left_ms(order->expires_at_us, now_us));
    } else {
        json_put_null(j, "expires_at");
        json_put_null(j, "expires_in_ms");
    }
    event_write_time(j, "review_until", order_in_review(order) ? order_released_us(order) : 0);
}

/* Where to pay, as long as it can be paid. */
static void write_hold(struct json *j, uint32_t partition, const struct booking *b,
                       const struct booking_order *order)
{
    char text[ID_TEXT_MAX];
    if (order->state != BOOKING_ORDER_PLACED || order->hold == BOOKING_NONE)
        return;
    struct id hold = {partition, order->hold, booking_hold_random(b, order->hold)};
    json_put_text(j, "hold_id", slice_make(text, id_format(ID_HOLD, hold, text)));
}

/* Answers with the order. `contact` NULL: it is looked for. */
static void answer_order(struct http_exchange *x, int status, struct id id, uint64_t barrier,
                         const struct person_contact *contact)
{
    struct api *api = api_of(x);
    const struct api_event *event = catalogue_event(&api->catalogue, id.partition);
    const struct booking *b = engine_booking(api->options.engine, id.partition);
    struct booking_order order;
    if (!event || !b || !booking_order_get(b, id.slot, id.random, &order)) {
        problem_answer(x, PROBLEM_ORDER_NOT_FOUND, barrier, "This session has no such order");
        return;
    }
    struct person_contact found;
    struct err err; /* without a contact the order is told all the same */
    if (!contact && orders_contact(api, id, &found, &err) == 0)
        contact = &found;
    char text[ID_TEXT_MAX];
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "id", slice_make(text, id_format(ID_ORDER, id, text)));
    json_put_string(&j, "event_id", event->id);
    write_hold(&j, id.partition, b, &order);
    struct order_told told = order_told(&order);
    json_put_string(&j, "state", told.state);
    json_put_string(&j, "reason", told.reason);
    json_put_string(&j, "message", told.message);
    struct items items = {order.units,       order.lines, order.unit_count,
                          order.total_minor, &order,      id};
    items_write(&j, event, b, &items);
    json_put_money(&j, "refunded", order_sums(b, id.slot, &order).refunded_minor, event->currency);
    json_put_bool(&j, "promo_code", order.promo != 0);
    refunds_write(&j, id, b, &order);
    write_contact(&j, contact);
    write_deadline(&j, &order, engine_now(api->options.engine));
    write_payment(x, &j, &order);
    write_tickets(&j, event, b, &order, id.slot);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, status, &body, barrier);
}

/* ---- waiting for the intent ---- */

static void look_at_waiters(uv_timer_t *timer)
{
    struct api *api = timer->data;
    uint64_t now_ms = uv_now(api->options.loop);
    struct order_waiter **at = &api->waiters;
    while (*at) {
        struct order_waiter *w = *at;
        if (now_ms < w->deadline_ms && !api->draining) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        answer_order(w->x, 201, w->order, engine_barrier(api->options.engine), NULL);
        free(w);
    }
    if (!api->waiters)
        uv_timer_stop(timer);
}

static void wait_for_intent(struct http_exchange *x, struct id order)
{
    struct api *api = api_of(x);
    struct order_waiter *w = malloc(sizeof *w);
    if (!w) {
        answer_order(x, 201, order, engine_barrier(api->options.engine), NULL);
        return;
    }
    *w = (struct order_waiter){.next = api->waiters,
                               .x = x,
                               .order = order,
                               .deadline_ms = uv_now(api->options.loop) + ORDER_PATIENCE_MS};
    if (!api->waiters)
        uv_timer_start(&api->waiter_timer, look_at_waiters, WAITER_LOOK_MS, WAITER_LOOK_MS);
    api->waiters = w;
}

void orders_drain(struct api *api)
{
    if (api->waiters)
        look_at_waiters(&api->waiter_timer);
}

void orders_finish(struct api *api)
{
    while (api->waiters) {
        struct order_waiter *w = api->waiters;
        api->waiters = w->next;
        free(w);
    }
}

/* The order that an entry ends the waiting for, or BOOKING_NONE. */
static uint32_t order_of_entry(struct slice bytes)
{
    uint16_t number = record_number(bytes);
    struct booking_entry entry;
    bool of_interest = number == BOOKING_ENTRY_payment_created ||
                       number == BOOKING_ENTRY_order_ended || number == BOOKING_ENTRY_order_sold;
    if (!of_interest || !booking_entry_decode(bytes, &entry))
        return BOOKING_NONE;
    if (number == BOOKING_ENTRY_payment_created)
        return entry.payment_created.order;
    return number == BOOKING_ENTRY_order_ended ? entry.order_ended.order : entry.order_sold.order;
}

void orders_entry(struct api *api, const struct engine_entry *entry)
{
    uint32_t order = api->waiters ? order_of_entry(entry->bytes) : BOOKING_NONE;
    if (order == BOOKING_NONE)
        return;
    struct order_waiter **at = &api->waiters;
    while (*at) {
        struct order_waiter *w = *at;
        if (w->order.partition != entry->partition || w->order.slot != order) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        answer_order(w->x, 201, w->order, engine_barrier(api->options.engine), NULL);
        free(w);
    }
}

/* ---- making one ---- */

/* An order on its way through the pool. */
struct making {
    uv_work_t work;
    struct http_exchange *x;
    struct keys *keys;
    struct api *api;
    uint32_t partition;
    struct id hold;
    struct idempotency idempotency;
    struct hash16 promo; /* zero: the hold's */
    uint64_t held_at_us; /* when its hold was made */
    struct person_sealed sealed;
    struct person_contact contact;
    int committed;
    struct err err;
};

/* An order that came sooner after its hold than hands can be: told, not refused. */
static void notice_speed(const struct making *m, const struct engine_result *result)
{
    struct api_event *event = catalogue_event(&m->api->catalogue, m->partition);
    if (m->held_at_us == 0 || result->decision->repeated || !event ||
        !velocity_is_fast(m->held_at_us, result->ts_us))
        return;
    char detail[128], session[SESSION_PUBLIC_MAX];
    (void)session_public(&api_caller(m->x)->session, session);
    (void)snprintf(detail, sizeof detail, "event %s, session %s: %u ms from hold to order",
                   event->id, session, (unsigned)((result->ts_us - m->held_at_us) / 1000));
    event->fast_orders++;
    m->api->fast_orders++;
    api_tell(m->api, "fast_order", detail);
}

/* Where it will be paid. */
static uint8_t provider_for_new(const struct api *api)
{
    const struct api_options *o = &api->options;
    uint8_t provider = 0;
    uint64_t retry_after_ms;
    if (o->choose_provider && !o->choose_provider(o->host, &provider, &retry_after_ms))
        provider = 0; /* its call waits until the provider is back */
    return provider;
}

/* Names the amount under which nothing is charged. */
static void answer_too_small(struct http_exchange *x, const struct engine_result *result,
                             const char *currency)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    json_put_money(&j, "least", stripe_least_minor(currency), currency);
    json_end(&j);
    problem_answer_extra(x, problem_of_booking(result->refusal), result->barrier,
                         slice_from_string(problem_booking_detail(result->refusal)),
                         problem_members(&extra));
}

static void submit_order(const struct making *m)
{
    const struct api_event *event = catalogue_event(&m->api->catalogue, m->partition);
    uint64_t randoms[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = keys_random_u64();
    struct booking_command command = {.number = BOOKING_COMMAND_place_order};
    struct command_place_order *place = &command.place_order;
    place->order_random = keys_random_u64();
    place->hold = m->hold.slot;
    place->hold_random = m->hold.random;
    place->session = api_caller(m->x)->session.hash;
    place->email_hash = m->sealed.limit_hash;
    place->person = m->sealed.person;
    place->contact = person_sealed_contact(&m->sealed);
    place->ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    place->key = m->idempotency.key;
    place->request = m->idempotency.request;
    place->promo = m->promo;
    place->provider = provider_for_new(m->api);
    place->least_minor = event ? stripe_least_minor(event->currency) : 0;

    struct engine_result result;
    engine_submit(m->api->options.engine, m->partition, &command, &result);
    if (api_result_failed(m->x, &result))
        return;
    if (result.refusal != BOOKING_OK) {
        hurdle_checkout_refused(m->x);
        if (promo_is_refusal(result.refusal))
            promo_answer_refused(m->x, event, m->promo, &result);
        else if (result.refusal == BOOKING_TOTAL_TOO_SMALL)
            answer_too_small(m->x, &result, event->currency);
        else
            event_answer_refused(m->x, event, &result);
        return;
    }
    notice_speed(m, &result);
    uint32_t slot = result.decision->order;
    hurdle_ordered(m->x, m->partition, slot);
    struct id id = {m->partition, slot, booking_order_random(result.booking, slot)};
    struct booking_order order;
    bool waits = booking_order_get(result.booking, slot, id.random, &order) &&
                 order.state == BOOKING_ORDER_PLACED && order.intent.len == 0 && !m->api->draining;
    if (waits)
        wait_for_intent(m->x, id);
    else
        /* An order that was there already keeps the contact it came with. */
        answer_order(m->x, 201, id, result.barrier, result.decision->repeated ? NULL : &m->contact);
}

static void commit_person(uv_work_t *work)
{
    struct making *m = work->data;
    m->committed = person_commit(m->keys, &m->err);
}

static void person_committed(uv_work_t *work, int status)
{
    struct making *m = work->data;
    bool answerable = m->api->server != NULL; /* else the exchange went with the server */
    bool stored = status == 0 && m->committed == 0;
    m->api->pool_work--;
    if (answerable && stored)
        submit_order(m);
    else if (answerable)
        problem_answer(m->x, PROBLEM_BUSY, 0, "The order could not be stored; try again");
    free(m);
}

/* The body of POST orders. */
struct order_wish {
    struct slice hold, email, name;
    bool has_promo;
    struct hash16 promo;
    struct hurdle_answer answer;
};

static void read_promo(struct http_exchange *x, struct request *r, const struct api_event *event,
                       struct order_wish *wish)
{
    const json_t *code = json_object_get(r->root, "promo_code");
    const struct places places = {.keys = api_of(x)->options.keys, .event_random = event->random};
    BUF_AUTO struct buf hash = BUF_INIT;
    bool given = json_is_string(code) ? json_string_length(code) > 0 : code && !json_is_null(code);
    if (r->failed || !given || !places_code(r, code, "promo_code", &places, &hash))
        return;
    memcpy(&wish->promo, hash.data, sizeof wish->promo);
    wish->has_promo = true;
}

static bool read_order_wish(struct http_exchange *x, struct request *r,
                            const struct api_event *event, struct order_wish *wish)
{
    *wish = (struct order_wish){0};
    static const struct text_rule id_rule = {.max_bytes = ID_TEXT_MAX, .required = true};
    static const struct text_rule email_rule = {.max_bytes = LIMIT_EMAIL_BYTES + 64,
                                                .required = true};
    static const struct text_rule name_rule = {.max_bytes = LIMIT_NAME_BYTES, .may_be_empty = true};
    request_members(r, r->root, "", "hold_id email name promo_code " HURDLE_MEMBERS);
    wish->hold = request_text(r, r->root, "hold_id", &id_rule);
    wish->email = request_text(r, r->root, "email", &email_rule);
    wish->name = request_text(r, r->root, "name", &name_rule);
    read_promo(x, r, event, wish);
    hurdle_read(r, r->root, x, &wish->answer);
    const char *reason;
    if (!r->failed && !email_valid(wish->email, &reason))
        request_fail(r, PROBLEM_EMAIL_INVALID, "email", "In the e-mail address %s", reason);
    if (!r->failed && !person_name_valid(wish->name, &reason))
        request_fail(r, PROBLEM_BAD_VALUE, "name", "In the name %s", reason);
    return !r->failed;
}

/* Whether the hold could be paid at all with the provider there is. */
static bool payable(struct http_exchange *x, const struct api_event *event, struct id hold_id)
{
    struct api *api = api_of(x);
    if (strcmp(api->options.payments[0].provider, "none") != 0)
        return true;
    const struct booking *b = engine_booking(api->options.engine, event->partition);
    struct booking_hold hold;
    if (!b || !booking_hold_get(b, hold_id.slot, hold_id.random, &hold) || hold.total_minor == 0)
        return true;
    problem_answer(x, PROBLEM_PAYMENTS_UNAVAILABLE, engine_barrier(api->options.engine),
                   "This box office has no payment provider: only free tickets can be had");
    return false;
}

/* Whether the hold is one that an order could be made of now. */
static bool placeable(struct http_exchange *x, uint32_t partition, struct id hold_id)
{
    struct engine *engine = api_of(x)->options.engine;
    const struct booking *b = engine_booking(engine, partition);
    struct booking_hold hold;
    return b && booking_hold_get(b, hold_id.slot, hold_id.random, &hold) && hold.live &&
           hold.order == BOOKING_NONE && hold.expires_at_us > engine_now(engine) &&
           hash16_equal(hold.session, api_caller(x)->session.hash);
}

/* A hold of one's own, live or not: who has one was let in. */
static bool is_own_hold(struct http_exchange *x, uint32_t partition, struct id hold_id)
{
    const struct booking *b = engine_booking(api_of(x)->options.engine, partition);
    struct booking_hold hold;
    return b && booking_hold_get(b, hold_id.slot, hold_id.random, &hold) &&
           hash16_equal(hold.session, api_caller(x)->session.hash);
}

/* When a hold that has no order yet was made, from when it runs out. */
static uint64_t held_at(const struct api *api, uint32_t partition, struct id hold_id)
{
    const struct booking *b = engine_booking(api->options.engine, partition);
    struct booking_hold hold;
    if (!b || !booking_hold_get(b, hold_id.slot, hold_id.random, &hold))
        return 0;
    return hold.expires_at_us - booking_event(b).hold_seconds * TIME_SECOND_US;
}

/* While the provider is away nobody is charged and nobody waits in line for it: the buyer is told
 * when to try again, and the seats are kept a little longer, once. */
static void answer_away(struct http_exchange *x, const struct api_event *event, struct id hold_id,
                        uint64_t retry_after_ms)
{
    struct booking_command command = {.number = BOOKING_COMMAND_extend_hold};
    command.extend_hold = (struct command_extend_hold){.hold = hold_id.slot,
                                                       .hold_random = hold_id.random,
                                                       .session = api_caller(x)->session.hash,
                                                       .seconds = AWAY_EXTENSION_SECONDS};
    uint32_t seconds = 1;
    if (retry_after_ms > 1000)
        seconds = retry_after_ms < AWAY_RETRY_MAX_MS ? (uint32_t)((retry_after_ms + 999) / 1000)
                                                     : AWAY_RETRY_MAX_MS / 1000;
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    struct booking_hold hold;
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    json_put_u64(&j, "retry_after", seconds);
    if (booking_hold_get(result.booking, hold_id.slot, hold_id.random, &hold)) {
        json_put_time(&j, "expires_at", hold.expires_at_us);
        json_put_u64(&j, "expires_in_ms",
                     items_left_ms(hold.expires_at_us, engine_now(api_of(x)->options.engine)));
    }
    json_end(&j);
    problem_answer_later(x, PROBLEM_PAYMENT_UNAVAILABLE, result.barrier, seconds,
                         SLICE("Payments cannot be started at the moment; your places are kept "
                               "meanwhile: try again in a little while"),
                         problem_members(&extra));
}

/* False: a problem was answered. */
static bool may_start_payment(struct http_exchange *x, const struct api_event *event,
                              struct id hold_id)
{
    const struct api_options *o = &api_of(x)->options;
    const struct booking *b = engine_booking(o->engine, event->partition);
    struct booking_hold hold;
    uint8_t provider;
    uint64_t retry_after_ms;
    if (!o->choose_provider || !b || !booking_hold_get(b, hold_id.slot, hold_id.random, &hold) ||
        hold.total_minor == 0 || o->choose_provider(o->host, &provider, &retry_after_ms))
        return true;
    answer_away(x, event, hold_id, retry_after_ms);
    return false;
}

static void make_order(struct http_exchange *x, struct api_event *event, struct id hold,
                       const struct order_wish *wish, const struct idempotency *idempotency)
{
    /* What can only be refused, or answered as before, makes nobody a person of ours. */
    bool sealing = placeable(x, event->partition, hold);
    if (sealing && !may_start_payment(x, event, hold))
        return;
    if (sealing && event->refuse_disposable && api_of(x)->options.mailcheck &&
        mailcheck_is_disposable(api_of(x)->options.mailcheck, email_trim(wish->email))) {
        problem_answer_extra(x, PROBLEM_EMAIL_NOT_ACCEPTED, 0,
                             SLICE("The organiser takes no addresses of throw-away mailboxes: "
                                   "tickets and news of the event go to this address"),
                             SLICE("\"member\":\"email\""));
        return;
    }
    if (sealing && !hurdle_taken(x, event, HURDLE_CHECKOUT, &wish->answer))
        return;
    struct api *api = api_of(x);
    struct making *m = calloc(1, sizeof *m);
    struct err err;
    if (!m || (sealing &&
               person_seal(api->options.keys, wish->email, wish->name, &m->sealed, &err) < 0)) {
        free(m);
        problem_answer(x, PROBLEM_BUSY, 0, "The order could not be stored; try again");
        return;
    }
    m->x = x;
    m->api = api;
    m->keys = api->options.keys;
    m->partition = event->partition;
    m->hold = hold;
    m->idempotency = *idempotency;
    m->promo = wish->promo;
    m->held_at_us = sealing ? held_at(api, event->partition, hold) : 0;
    struct slice email = email_trim(wish->email);
    m->contact.email_len = (uint16_t)email.len;
    memcpy(m->contact.email, email.data, email.len);
    m->contact.name_len = (uint16_t)wish->name.len;
    memcpy(m->contact.name, wish->name.data, wish->name.len);
    if (!sealing || m->sealed.durable) {
        submit_order(m);
        free(m);
        return;
    }
    m->work.data = m;
    api->pool_work++;
    if (uv_queue_work(api->options.loop, &m->work, commit_person, person_committed) < 0) {
        api->pool_work--;
        problem_answer(x, PROBLEM_BUSY, 0, "The order could not be stored; try again");
        free(m);
    }
}

void api_order_create(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct idempotency idempotency;
    const struct hash16 *session = &api_caller(x)->session.hash;
    if (!event || !idempotency_read(x, slice_make(session, sizeof *session), &idempotency))
        return;
    struct request r;
    if (!request_begin(x, &r))
        return;
    struct order_wish wish;
    if (!read_order_wish(x, &r, event, &wish)) {
        (void)request_end(&r);
        return;
    }
    struct id hold;
    if (!id_parse(ID_HOLD, wish.hold, &hold) || hold.partition != event->partition)
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, 0, "This session has no such hold");
    else if ((is_own_hold(x, event->partition, hold) || admission_check(x, event)) &&
             payable(x, event, hold) && (!wish.has_promo || auth_may_guess(x)))
        make_order(x, event, hold, &wish, &idempotency);
    request_finish(&r);
}

/* ---- looking and cancelling ---- */

/* The order of the path, if it is this session's. */
static bool own_order(struct http_exchange *x, struct id *ret_id)
{
    struct api_event *event;
    const struct booking *b = api_booking(x, &event);
    if (!b)
        return false;
    struct booking_order order;
    if (id_parse(ID_ORDER, http_param(x, "order"), ret_id) &&
        ret_id->partition == event->partition &&
        booking_order_get(b, ret_id->slot, ret_id->random, &order) &&
        hash16_equal(order.session, api_caller(x)->session.hash))
        return true;
    problem_answer(x, PROBLEM_ORDER_NOT_FOUND, engine_barrier(api_of(x)->options.engine),
                   "This session has no such order");
    return false;
}

void api_order_get(struct http_exchange *x)
{
    struct id id;
    if (own_order(x, &id))
        answer_order(x, 200, id, engine_barrier(api_of(x)->options.engine), NULL);
}

void api_order_cancel(struct http_exchange *x)
{
    struct id id;
    if (!own_order(x, &id))
        return;
    struct booking_command command = {.number = BOOKING_COMMAND_cancel_order};
    command.cancel_order.order = id.slot;
    command.cancel_order.order_random = id.random;
    command.cancel_order.session = api_caller(x)->session.hash;
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, id.partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    struct booking_order order;
    bool cancelled = result.refusal == BOOKING_ORDER_NOT_CANCELLABLE &&
                     booking_order_get(result.booking, id.slot, id.random, &order) &&
                     (order.state == BOOKING_ORDER_ENDING || order.state == BOOKING_ORDER_ENDED) &&
                     order.end == BOOKING_END_CANCELLED;
    if (result.refusal == BOOKING_OK || cancelled) /* cancelled before: the same answer again */
        answer_order(x, 200, id, result.barrier, NULL);
    else
        problem_answer(x, problem_of_booking(result.refusal), result.barrier, "%s",
                       problem_booking_detail(result.refusal));
}
