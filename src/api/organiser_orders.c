/* organiser_orders: what an organiser sees of orders and does about them: statements, refunds,
 * cases, disputes. */
#include "api/organiser_orders.h"
#include "api/definition.h"
#include "api/event_json.h"
#include "api/idempotency.h"
#include "api/items.h"
#include "api/ledger.h"
#include "api/order_json.h"
#include "api/orders.h"
#include "api/page.h"
#include "api/request.h"
#include "routes.gen.h"

/* Who acts, in the books: the settings know one organiser. */
#define HOUSE_NAME "organiser"

bool organiser_find_order(struct http_exchange *x, struct found_order *f)
{
    f->booking = api_booking(x, &f->event);
    if (!f->booking)
        return false;
    if (id_parse(ID_ORDER, http_param(x, "order"), &f->id) &&
        f->id.partition == f->event->partition &&
        booking_order_get(f->booking, f->id.slot, f->id.random, &f->order))
        return true;
    problem_answer(x, PROBLEM_ORDER_NOT_FOUND, engine_barrier(api_of(x)->options.engine),
                   "The event has no such order");
    return false;
}

/* ---- parts of a statement ---- */

static void write_ticket(struct json *j, const struct found_order *f, uint32_t unit)
{
    struct booking_ticket ticket;
    char text[ID_TEXT_MAX];
    uint64_t random = booking_ticket_random(f->booking, unit);
    if (!random || !booking_ticket_get(f->booking, unit, random, &ticket) || !ticket.valid ||
        ticket.order != f->id.slot) {
        json_put_null(j, "ticket");
        return;
    }
    struct id id = {f->id.partition, unit, random};
    json_put_text(j, "ticket", slice_make(text, id_format(ID_TICKET, id, text)));
}

static void write_lines(struct json *j, const struct found_order *f)
{
    const char *currency = f->event->currency;
    json_put_array(j, "lines");
    for (uint32_t i = 0; i < f->order.unit_count; i++) {
        const struct booking_line *line = &f->order.lines[i];
        char text[REFUND_ID_MAX];
        json_put_object(j, NULL);
        items_write_place(j, f->event, f->booking, f->order.units[i]);
        json_put_money(j, "list_price", line->price_minor, currency);
        json_put_money(j, "discount", line->discount_minor, currency);
        json_put_money(j, "fee", line->fee_minor, currency);
        json_put_money(j, "tax", line->tax_minor, currency);
        json_put_money(j, "total", line->total_minor, currency);
        json_put_money(j, "organiser", line->organiser_share, currency);
        json_put_money(j, "fees", line->fees_share, currency);
        write_ticket(j, f, f->order.units[i]);
        if (f->order.refund_of[i])
            json_put_text(j, "refund_id", refund_id(f->id, f->order.refund_of[i], text));
        else
            json_put_null(j, "refund_id");
        json_end(j);
    }
    json_end(j);
}

static const char *payment_state(const struct booking_order *o)
{
    switch (o->state) {
    case BOOKING_ORDER_PLACED:
        if (o->processing)
            return "processing";
        return o->intent.len ? "waiting" : "none";
    case BOOKING_ORDER_SOLD: return o->total_minor ? "authorised" : "none";
    case BOOKING_ORDER_CAPTURED: return o->total_minor ? "captured" : "none";
    case BOOKING_ORDER_ENDING: return o->taken_minor ? "taken" : "cancelling";
    case BOOKING_ORDER_ENDED: break;
    }
    return o->taken_minor ? "taken" : "cancelled";
}

static void write_payment(struct json *j, const struct found_order *f)
{
    static const char *const calls[] = {[BOOKING_CALL_NONE] = NULL,
                                        [BOOKING_CALL_CREATE] = "create",
                                        [BOOKING_CALL_CAPTURE] = "capture",
                                        [BOOKING_CALL_CANCEL] = "cancel",
                                        [BOOKING_CALL_REFUND] = "refund"};
    const struct booking_order *o = &f->order;
    int64_t amount = o->state == BOOKING_ORDER_CAPTURED ? o->total_minor : o->taken_minor;
    json_put_object(j, "payment");
    event_write_text(j, "intent_id", o->intent);
    json_put_string(j, "state", payment_state(o));
    json_put_money(j, "amount", amount, f->event->currency);
    json_put_u64(j, "declines", o->declines);
    json_put_string(j, "owed_call", calls[o->call]);
    json_end(j);
}

static const char *dispute_state(enum booking_dispute_state state)
{
    switch (state) {
    case BOOKING_DISPUTE_NONE:
    case BOOKING_DISPUTE_OPEN: break;
    case BOOKING_DISPUTE_WON: return "won";
    case BOOKING_DISPUTE_LOST: return "lost";
    case BOOKING_DISPUTE_LOST_IN_PART: return "lost_in_part";
    }
    return "open";
}

static void write_dispute(struct json *j, const struct api_event *event, const struct booking *b,
                          const struct booking_dispute *d)
{
    char text[ID_TEXT_MAX];
    json_put_object(j, NULL);
    json_put_text(j, "id", d->id);
    if (d->order == BOOKING_NONE) {
        json_put_null(j, "order_id");
    } else {
        struct id id = {event->partition, d->order, booking_order_random(b, d->order)};
        json_put_text(j, "order_id", slice_make(text, id_format(ID_ORDER, id, text)));
    }
    json_put_string(j, "state", dispute_state(d->state));
    json_put_money(j, "amount", d->amount_minor, event->currency);
    event_write_text(j, "reason", d->reason);
    json_put_time(j, "opened_at", d->opened_at_us);
    event_write_time(j, "due_at", d->due_at_us);
    json_end(j);
}

static void write_disputes(struct json *j, const struct found_order *f)
{
    struct booking_dispute dispute;
    json_put_array(j, "disputes");
    bool any = f->order.dispute != BOOKING_DISPUTE_NONE;
    for (uint32_t i = 0; any && booking_dispute_get(f->booking, i, &dispute); i++) {
        if (dispute.order == f->id.slot)
            write_dispute(j, f->event, f->booking, &dispute);
    }
    json_end(j);
}

/* ---- history, and the detail of a case ---- */

struct history {
    struct json *j;
    const struct found_order *f;
};

static void begin_item(const struct history *h, uint64_t ts_us, const char *what)
{
    json_put_object(h->j, NULL);
    json_put_time(h->j, "at", ts_us);
    json_put_string(h->j, "what", what);
}

static void write_amount(const struct history *h, int64_t amount_minor)
{
    json_put_money(h->j, "amount", amount_minor, h->f->event->currency);
}

static void write_refund_of(const struct history *h, uint8_t refund)
{
    char text[REFUND_ID_MAX];
    json_put_text(h->j, "refund_id", refund_id(h->f->id, refund, text));
}

static void write_who(const struct history *h, struct slice by, struct slice note)
{
    event_write_text(h->j, "by", by);
    event_write_text(h->j, "note", note);
}

static void write_refund_entry(const struct history *h, uint64_t ts_us,
                               const struct booking_entry *e)
{
    if (e->number == BOOKING_ENTRY_refund_requested) {
        begin_item(h, ts_us, "refund_requested");
        write_refund_of(h, e->refund_requested.refund);
        write_amount(h, e->refund_requested.amount_minor);
        write_who(h, e->refund_requested.by, e->refund_requested.note);
    } else if (e->number == BOOKING_ENTRY_refund_done) {
        begin_item(h, ts_us, "refund_done");
        write_refund_of(h, e->refund_done.refund);
        write_amount(h, e->refund_done.amount_minor);
    } else {
        begin_item(h, ts_us, "refund_failed");
        write_refund_of(h, e->refund_failed.refund);
        write_amount(h, e->refund_failed.amount_minor);
    }
    json_end(h->j);
}

static void write_case_entry(const struct history *h, uint64_t ts_us, const struct booking_entry *e)
{
    if (e->number == BOOKING_ENTRY_case_opened) {
        begin_item(h, ts_us, "case_opened");
        json_put_string(h->j, "reason", case_reason_name((enum booking_case)e->case_opened.reason));
        event_write_text(h->j, "note", e->case_opened.detail);
    } else {
        begin_item(h, ts_us, "case_closed");
        json_put_string(h->j, "action",
                        case_action_name((enum booking_action)e->case_closed.action));
        if (e->case_closed.by_hand_minor)
            write_amount(h, e->case_closed.by_hand_minor);
        write_who(h, e->case_closed.by, e->case_closed.note);
    }
    json_end(h->j);
}

static void write_dispute_entry(const struct history *h, uint64_t ts_us,
                                const struct booking_entry *e)
{
    if (e->number == BOOKING_ENTRY_dispute_opened) {
        begin_item(h, ts_us, "dispute_opened");
        json_put_text(h->j, "dispute_id", e->dispute_opened.dispute);
        write_amount(h, e->dispute_opened.amount_minor);
        json_put_text(h->j, "reason", e->dispute_opened.reason);
    } else {
        bool in_part = h->f->order.dispute == BOOKING_DISPUTE_LOST_IN_PART; /* the last that is */
        begin_item(h, ts_us,
                   e->dispute_closed.won ? "dispute_won"
                   : in_part             ? "dispute_lost_in_part"
                                         : "dispute_lost");
    }
    json_end(h->j);
}

static void write_entry(void *context, uint64_t ts_us, const struct booking_entry *e)
{
    const struct history *h = context;
    switch (e->number) {
    case BOOKING_ENTRY_payment_taken:
        begin_item(h, ts_us, "money_taken");
        write_amount(h, e->payment_taken.amount_minor);
        json_end(h->j);
        break;
    case BOOKING_ENTRY_order_voided:
        begin_item(h, ts_us, "sale_voided");
        json_end(h->j);
        break;
    case BOOKING_ENTRY_case_opened:
    case BOOKING_ENTRY_case_closed: write_case_entry(h, ts_us, e); break;
    case BOOKING_ENTRY_dispute_opened:
    case BOOKING_ENTRY_dispute_closed: write_dispute_entry(h, ts_us, e); break;
    default: write_refund_entry(h, ts_us, e); break;
    }
}

static bool is_history(uint16_t number)
{
    return number == BOOKING_ENTRY_case_opened || number == BOOKING_ENTRY_payment_taken ||
           (number >= BOOKING_ENTRY_order_voided && number <= BOOKING_ENTRY_case_closed);
}

/* The view may be away (a full disk): the statement is told without what only it knows. What was
 * decided a moment ago (`result`, may be NULL) is not in it yet. */
static void write_history(const struct api *api, struct json *j, const struct found_order *f,
                          const struct engine_result *result)
{
    struct history h = {j, f};
    struct err err;
    json_put_array(j, "history");
    if (views_money(api->options.views, f->id.partition, f->id.slot, f->order.placed_at_us,
                    write_entry, &h, &err) < 0)
        api_tell((struct api *)(uintptr_t)api, "no_history", err.detail);
    for (uint32_t i = 0; result && i < result->decision->entry_count; i++) {
        const struct booking_entry *e = &result->decision->entries[i];
        if (is_history(e->number))
            write_entry(&h, result->ts_us + i, e);
    }
    json_end(j);
}

static void keep_detail(void *context, uint64_t ts_us, const struct booking_entry *e)
{
    struct buf *detail = context;
    (void)ts_us;
    if (e->number != BOOKING_ENTRY_case_opened)
        return;
    buf_clear(detail);
    buf_append_slice(detail, e->case_opened.detail);
}

static void write_case(const struct api *api, struct json *j, const char *key,
                       const struct found_order *f)
{
    BUF_AUTO struct buf detail = BUF_INIT;
    struct err err;
    char text[ID_TEXT_MAX];
    const struct booking_order *o = &f->order;
    if (!o->attention) {
        json_put_null(j, key);
        return;
    }
    if (views_money(api->options.views, f->id.partition, f->id.slot, o->placed_at_us, keep_detail,
                    &detail, &err) < 0)
        buf_clear(&detail);
    json_put_object(j, key);
    json_put_text(j, "order_id", slice_make(text, id_format(ID_ORDER, f->id, text)));
    json_put_string(j, "order_state", order_told(o).state);
    json_put_string(j, "reason", case_reason_name(o->case_reason));
    json_put_time(j, "opened_at", o->case_opened_at_us);
    event_write_time(j, "releases_at", order_released_us(o));
    event_write_text(j, "detail", buf_slice(&detail));
    case_write_actions(j, o);
    json_end(j);
}

/* ---- the statement ---- */

static void write_contact(struct api *api, struct json *j, struct id id)
{
    struct person_contact contact = {0};
    struct err err; /* without a contact the order is told all the same */
    if (orders_contact(api, id, &contact, &err) != 0)
        contact = (struct person_contact){0};
    event_write_text(j, "email", slice_make(contact.email, contact.email_len));
    event_write_text(j, "name", slice_make(contact.name, contact.name_len));
}

/* Answers with the order as it is now. */
static void answer_statement(struct http_exchange *x, struct found_order *f, uint64_t barrier,
                             const struct engine_result *result)
{
    struct api *api = api_of(x);
    const char *currency = f->event->currency;
    char text[ID_TEXT_MAX];
    if (!booking_order_get(f->booking, f->id.slot, f->id.random, &f->order)) {
        problem_answer(x, PROBLEM_ORDER_NOT_FOUND, barrier, "The event has no such order");
        return;
    }
    struct order_told told = order_told(&f->order);
    struct order_sums sums = order_sums(f->booking, f->id.slot, &f->order);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "id", slice_make(text, id_format(ID_ORDER, f->id, text)));
    json_put_string(&j, "event_id", f->event->id);
    json_put_string(&j, "state", told.state);
    json_put_string(&j, "reason", told.reason);
    json_put_time(&j, "placed_at", f->order.placed_at_us);
    write_contact(api, &j, f->id);
    write_lines(&j, f);
    json_put_money(&j, "total", f->order.total_minor, currency);
    json_put_money(&j, "discount", sums.discount_minor, currency);
    json_put_money(&j, "tax", sums.tax_minor, currency);
    json_put_bool(&j, "promo_code", f->order.promo != 0);
    write_payment(&j, f);
    refunds_write(&j, f->id, f->booking, &f->order);
    json_put_money(&j, "refunded", sums.refunded_minor, currency);
    json_put_money(&j, "refunded_by_hand", f->order.by_hand_minor, currency);
    write_disputes(&j, f);
    write_case(api, &j, "case", f);
    write_history(api, &j, f, result);
    ledger_write_balances(&j, "balances", booking_order_ledger(f->booking, f->id.slot), currency);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, barrier);
}

void api_organiser_order_get(struct http_exchange *x)
{
    struct found_order f;
    if (organiser_find_order(x, &f))
        answer_statement(x, &f, engine_barrier(api_of(x)->options.engine), NULL);
}

/* ---- refunds ---- */

struct refund_wish {
    uint32_t units[LIMIT_HOLD_UNITS], count;
    bool block;
    char note[LIMIT_NOTE_BYTES];
    size_t note_len;
};

/* Tickets by their ids, refunded ones too: the machine says so then. */
static void read_tickets(struct request *r, const struct found_order *f, struct refund_wish *wish)
{
    static const struct text_rule rule = {.max_bytes = 64};
    const json_t *list = request_array(r, r->root, "tickets", LIMIT_HOLD_UNITS);
    if (list && json_array_size(list) == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "tickets",
                     "\"tickets\" must name a ticket; without it all of the order are meant");
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        struct slice text;
        struct id id;
        uint32_t at = 0;
        if (!request_check_text(r, json_array_get(list, i), "tickets", &rule, &text))
            return;
        bool read = id_parse(ID_TICKET, text, &id) && id.partition == f->id.partition;
        while (read && at < f->order.unit_count && f->order.units[at] != id.slot)
            at++;
        bool named =
            read && at < f->order.unit_count &&
            (f->order.refund_of[at] || id.random == booking_ticket_random(f->booking, id.slot));
        if (!named)
            request_fail(r, PROBLEM_TICKET_NOT_FOUND, "tickets", "The order has no ticket \"%.*s\"",
                         SLICE_ARG(text));
        else
            wish->units[wish->count++] = id.slot;
    }
}

static bool read_refund(struct http_exchange *x, const struct found_order *f,
                        struct refund_wish *wish)
{
    static const struct text_rule rule = {.max_bytes = LIMIT_NOTE_BYTES, .required = true};
    struct request r;
    *wish = (struct refund_wish){0};
    if (!request_begin(x, &r))
        return false;
    request_members(&r, r.root, "", "tickets reason block");
    struct slice reason = request_text(&r, r.root, "reason", &rule);
    const json_t *block = json_object_get(r.root, "block");
    if (block && !json_is_null(block) && !json_is_boolean(block))
        request_fail(&r, PROBLEM_BAD_VALUE, "block", "\"block\" must be true or false");
    wish->block = json_is_true(block);
    if (!r.failed)
        read_tickets(&r, f, wish);
    if (!request_end(&r))
        return false;
    memcpy(wish->note, reason.data, reason.len);
    wish->note_len = reason.len;
    request_finish(&r);
    return true;
}

static void answer_refund(struct http_exchange *x, const struct found_order *f,
                          const struct booking *b, uint8_t refund, uint64_t barrier)
{
    struct booking_order order;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    if (!booking_order_get(b, f->id.slot, f->id.random, &order) || refund < 1 ||
        refund > order.refunds) {
        problem_answer(x, PROBLEM_ORDER_NOT_FOUND, barrier, "The event has no such order");
        return;
    }
    refund_write(&j, NULL, f->id, b, &order, refund);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 202, &body, barrier);
}

/* What an earlier request of the same key came to. */
struct earlier {
    const struct idempotency *key;
    uint8_t refund; /* 0: none */
    bool other;     /* it was another request */
    uint8_t known;  /* refunds that the view has heard of */
};

static void look_for_key(void *context, uint64_t ts_us, const struct booking_entry *e)
{
    struct earlier *earlier = context;
    (void)ts_us;
    if (e->number != BOOKING_ENTRY_refund_requested)
        return;
    earlier->known = e->refund_requested.refund;
    if (!hash16_equal(e->refund_requested.key, earlier->key->key))
        return;
    earlier->refund = e->refund_requested.refund;
    earlier->other = e->refund_requested.request != earlier->key->request;
}

/* True: the request was made before, and is answered. Keys stand in the journal; a refund that is
 * not durable yet is not known to the view, so its repetition has to wait a moment. */
static bool repeats(struct http_exchange *x, const struct found_order *f,
                    const struct idempotency *key)
{
    const struct hash16 none = {{0}};
    struct earlier earlier = {.key = key};
    struct err err;
    struct api *api = api_of(x);
    uint64_t barrier = engine_barrier(api->options.engine);
    if (hash16_equal(key->key, none))
        return false;
    if (views_money(api->options.views, f->id.partition, f->id.slot, f->order.placed_at_us,
                    look_for_key, &earlier, &err) < 0 ||
        earlier.known < f->order.refunds)
        problem_answer(x, PROBLEM_BUSY, barrier,
                       "Whether this was asked before cannot be told right now; try again");
    else if (earlier.other)
        problem_answer(x, PROBLEM_IDEMPOTENCY_MISMATCH, barrier, "%s",
                       problem_booking_detail(BOOKING_IDEMPOTENCY_MISMATCH));
    else if (earlier.refund)
        answer_refund(x, f, f->booking, earlier.refund, barrier);
    else
        return false;
    return true;
}

void api_organiser_refund_create(struct http_exchange *x)
{
    struct found_order f;
    struct idempotency key;
    struct refund_wish wish;
    if (!organiser_find_order(x, &f) || !idempotency_read(x, SLICE("organiser"), &key) ||
        !read_refund(x, &f, &wish) || repeats(x, &f, &key))
        return;
    struct booking_command command = {.number = BOOKING_COMMAND_refund};
    command.refund = (struct command_refund){.order = f.id.slot,
                                             .order_random = f.id.random,
                                             .units = {wish.units, wish.count},
                                             .block = wish.block,
                                             .by = SLICE(HOUSE_NAME),
                                             .note = slice_make(wish.note, wish.note_len),
                                             .key = key.key,
                                             .request = key.request};
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, f.id.partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal != BOOKING_OK) {
        event_answer_refused(x, f.event, &result);
        return;
    }
    struct booking_order after;
    uint8_t refund =
        booking_order_get(result.booking, f.id.slot, f.id.random, &after) ? after.refunds : 0;
    answer_refund(x, &f, result.booking, refund, result.barrier);
}

/* ---- cases ---- */

void api_organiser_case_list(struct http_exchange *x)
{
    struct found_order f;
    struct page page;
    uint32_t written = 0;
    f.booking = api_booking(x, &f.event);
    if (!f.booking || !page_begin(x, &page))
        return;
    uint32_t slots = booking_order_slots(f.booking), at = page.from;
    for (; at < slots && written < page.limit; at++) {
        if (!booking_order_case(f.booking, at))
            continue;
        f.id = (struct id){f.event->partition, at, booking_order_random(f.booking, at)};
        if (!booking_order_get(f.booking, at, f.id.random, &f.order))
            continue;
        write_case(api_of(x), &page.j, NULL, &f);
        written++;
    }
    page_items_end(&page, at < slots ? at : UINT32_MAX);
    json_put_u64(&page.j, "open", booking_event(f.booking).open_cases);
    page_answer(x, &page);
}

static bool read_case(struct http_exchange *x, const struct found_order *f,
                      struct command_resolve_case *c, char note[LIMIT_NOTE_BYTES])
{
    static const struct text_rule word = {.max_bytes = 16, .required = true};
    static const struct text_rule seen_word = {.max_bytes = 40};
    static const struct text_rule words = {.max_bytes = LIMIT_NOTE_BYTES, .required = true};
    struct request r;
    if (!request_begin(x, &r))
        return false;
    request_members(&r, r.root, "", "action note amount case");
    /* A person decides about what they saw: another case may have taken its place since. */
    struct slice seen = request_text(&r, r.root, "case", &seen_word);
    if (!r.failed && seen.len && f->order.attention &&
        !slice_equal(seen, slice_from_string(case_reason_name(f->order.case_reason))))
        request_fail(&r, PROBLEM_CASE_ACTION_NOT_POSSIBLE, "case",
                     "The open case is \"%s\" by now: look again",
                     case_reason_name(f->order.case_reason));
    struct slice action = request_text(&r, r.root, "action", &word);
    struct slice text = request_text(&r, r.root, "note", &words);
    const json_t *amount = json_object_get(r.root, "amount");
    c->action = (uint8_t)case_action_of(action);
    if (!r.failed && !c->action)
        request_fail(&r, PROBLEM_BAD_VALUE, "action",
                     "\"action\" is \"retry\", \"release\", \"refund\" or \"settle\"");
    bool refunds = c->action == BOOKING_ACTION_REFUND;
    const struct definition_bounds bounds = {
        c->action == BOOKING_ACTION_SETTLE ? -DEFINITION_ORDER_MOST : 0, DEFINITION_ORDER_MOST};
    if (!r.failed && (refunds || (amount && !json_is_null(amount))))
        c->amount_minor = definition_money(&r, amount, "amount", f->event->currency, bounds);
    if (!r.failed && refunds && c->amount_minor == 0)
        request_fail(&r, PROBLEM_BAD_VALUE, "amount",
                     "\"amount\" is what was taken, as the provider's books show it");
    if (!request_end(&r))
        return false;
    memcpy(note, text.data, text.len);
    c->note = slice_make(note, text.len);
    request_finish(&r);
    return true;
}

static void answer_case_refused(struct http_exchange *x, const struct found_order *f,
                                const struct engine_result *result)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    if (result->refusal == BOOKING_CASE_ACTION)
        case_write_actions(&j, &f->order);
    json_end(&j);
    problem_answer_extra(x, problem_of_booking(result->refusal), result->barrier,
                         slice_from_string(problem_booking_detail(result->refusal)),
                         problem_members(&extra));
}

/* The request again whose answer was lost: the newest case of the order was closed just so. */
struct closing {
    const struct command_resolve_case *command;
    bool same;
};

static void look_for_closing(void *context, uint64_t ts_us, const struct booking_entry *e)
{
    struct closing *closing = context;
    (void)ts_us;
    if (e->number == BOOKING_ENTRY_case_opened)
        closing->same = false;
    if (e->number == BOOKING_ENTRY_case_closed)
        closing->same = e->case_closed.action == closing->command->action &&
                        (e->case_closed.action != BOOKING_ACTION_SETTLE ||
                         e->case_closed.by_hand_minor == closing->command->amount_minor) &&
                        slice_equal(e->case_closed.by, closing->command->by) &&
                        slice_equal(e->case_closed.note, closing->command->note);
}

static bool was_closed_so(struct http_exchange *x, const struct found_order *f,
                          const struct command_resolve_case *c)
{
    struct closing closing = {.command = c};
    struct err err;
    return views_money(api_of(x)->options.views, f->id.partition, f->id.slot, f->order.placed_at_us,
                       look_for_closing, &closing, &err) >= 0 &&
           closing.same;
}

void api_organiser_case_resolve(struct http_exchange *x)
{
    struct found_order f;
    char note[LIMIT_NOTE_BYTES];
    struct booking_command command = {.number = BOOKING_COMMAND_resolve_case};
    struct command_resolve_case *c = &command.resolve_case;
    if (!organiser_find_order(x, &f) || !read_case(x, &f, c, note))
        return;
    c->order = f.id.slot;
    c->order_random = f.id.random;
    c->by = SLICE(HOUSE_NAME);
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, f.id.partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    f.booking = result.booking;
    if (result.refusal == BOOKING_OK)
        answer_statement(x, &f, result.barrier, &result);
    else if (result.refusal == BOOKING_NO_CASE && was_closed_so(x, &f, c))
        answer_statement(x, &f, result.barrier, NULL);
    else
        answer_case_refused(x, &f, &result);
}

/* ---- disputes ---- */

void api_organiser_dispute_list(struct http_exchange *x)
{
    struct api_event *event;
    struct booking_dispute dispute;
    struct page page;
    const struct booking *b = api_booking(x, &event);
    if (!b || !page_begin(x, &page))
        return;
    uint32_t at = page.from;
    for (; at - page.from < page.limit && booking_dispute_get(b, at, &dispute); at++)
        write_dispute(&page.j, event, b, &dispute);
    page_items_end(&page, booking_dispute_get(b, at, &dispute) ? at : UINT32_MAX);
    json_put_u64(&page.j, "open", booking_event(b).open_disputes);
    page_answer(x, &page);
}
