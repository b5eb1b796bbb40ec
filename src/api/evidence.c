/* evidence: what speaks for a payment that a bank disputes, out of what is known of its order, in
 * the fields that Stripe takes (docs.stripe.com/api/disputes/evidence_object). It is sent by a
 * person, who knows more: a bank takes evidence once. */
#include "api/event_json.h"
#include "api/event_words.h"
#include "api/order_json.h"
#include "api/orders.h"
#include "api/organiser_orders.h"
#include "base/money.h"
#include "routes.gen.h"

struct evidence {
    const struct found_order *f;
    struct buf *out;
};

static void write_money(const struct evidence *e, int64_t amount_minor)
{
    char text[MONEY_TEXT_MAX];
    size_t len = money_format(amount_minor, e->f->event->currency, text);
    buf_append(e->out, text, len);
}

/* "2027-06-12 20:30 (Europe/Kyiv): " */
static void begin_line(const struct evidence *e, uint64_t ts_us)
{
    char text[EVENT_WORDS_BYTES];
    buf_append_slice(e->out, event_words_time(e->f->event, ts_us, text));
    buf_append_text(e->out, ": ");
}

/* "2 tickets to The Tempest, Sunrise Hall, Lisbon, on 2027-06-12 20:30 (Europe/Lisbon): ..." */
static void write_product(const struct evidence *e)
{
    const struct found_order *f = e->f;
    char text[EVENT_WORDS_BYTES];
    buf_append_format(e->out, "%u ticket%s to ", f->order.unit_count,
                      f->order.unit_count == 1 ? "" : "s");
    buf_append_slice(e->out, f->event->name);
    buf_append_text(e->out, ", ");
    buf_append_slice(e->out, event_words_venue(f->event, text));
    struct slice start = event_words_start(f->event, text);
    if (start.len > 0) {
        buf_append_text(e->out, ", on ");
        buf_append_slice(e->out, start);
    }
    for (uint32_t i = 0; i < f->order.unit_count; i++) {
        buf_append_text(e->out, i == 0 ? ": " : "; ");
        buf_append_slice(e->out, event_words_place(f->event, f->booking, f->order.units[i], text));
        buf_append_text(e->out, ", ");
        write_money(e, f->order.lines[i].total_minor);
    }
}

static void write_entry(void *context, uint64_t ts_us, const struct booking_entry *entry)
{
    const struct evidence *e = context;
    switch (entry->number) {
    case BOOKING_ENTRY_refund_done:
        begin_line(e, ts_us);
        write_money(e, entry->refund_done.amount_minor);
        buf_append_text(e->out, " paid back to the buyer\n");
        break;
    case BOOKING_ENTRY_refund_failed:
        begin_line(e, ts_us);
        write_money(e, entry->refund_failed.amount_minor);
        buf_append_text(e->out, " that was paid back was returned by the buyer's bank\n");
        break;
    case BOOKING_ENTRY_dispute_opened:
        begin_line(e, ts_us);
        buf_append_text(e->out, "the buyer's bank disputed ");
        write_money(e, entry->dispute_opened.amount_minor);
        buf_append_text(e->out, "; since then the tickets admit nobody\n");
        break;
    default: break;
    }
}

/* What happened, a line each. */
static void write_course(struct api *api, const struct evidence *e)
{
    const struct found_order *f = e->f;
    struct err err;
    char id[ID_TEXT_MAX];
    begin_line(e, f->order.placed_at_us);
    buf_append_text(e->out, "order ");
    buf_append(e->out, id, id_format(ID_ORDER, f->id, id));
    buf_append_text(e->out, " placed by the buyer, who had been shown the whole price of ");
    write_money(e, f->order.total_minor);
    buf_append_text(e->out, " with all fees; paid with ");
    buf_append_slice(e->out, f->order.intent);
    buf_append_text(e->out, "; tickets issued and sent by e-mail\n");
    if (views_money(api->options.views, f->id.partition, f->id.slot, f->order.placed_at_us,
                    write_entry, (void *)(uintptr_t)e, &err) < 0)
        api_tell(api, "no_history", err.detail);
}

static void put_words(struct json *j, const char *key, const struct evidence *e)
{
    json_put_text(j, key, buf_slice(e->out));
    buf_clear(e->out);
}

static void write_dispute(struct json *j, const struct found_order *f)
{
    struct booking_dispute dispute, latest = {0};
    for (uint32_t i = 0; booking_dispute_get(f->booking, i, &dispute); i++)
        if (dispute.order == f->id.slot)
            latest = dispute;
    event_write_text(j, "dispute_id", latest.id);
    event_write_time(j, "due_at", latest.due_at_us);
}

/* Without a contact (it was erased) the rest speaks all the same. */
static void write_evidence(struct api *api, struct json *j, const struct found_order *f)
{
    BUF_AUTO struct buf words = BUF_INIT;
    struct evidence e = {f, &words};
    struct person_contact contact = {0};
    struct err err;
    if (orders_contact(api, f->id, &contact, &err) != 0)
        contact = (struct person_contact){0};
    json_put_object(j, "evidence");
    event_write_text(j, "customer_email_address", slice_make(contact.email, contact.email_len));
    event_write_text(j, "customer_name", slice_make(contact.name, contact.name_len));
    write_product(&e);
    put_words(j, "product_description", &e);
    struct slice day = f->event->starts_local;
    event_write_text(j, "service_date", slice_make(day.data, day.len < 10 ? 0 : 10));
    write_course(api, &e);
    put_words(j, "uncategorized_text", &e);
    json_end(j);
}

void api_organiser_evidence_get(struct http_exchange *x)
{
    struct api *api = api_of(x);
    struct found_order f;
    uint64_t barrier = engine_barrier(api->options.engine);
    if (!organiser_find_order(x, &f))
        return;
    if (f.order.state != BOOKING_ORDER_CAPTURED || f.order.total_minor == 0) {
        problem_answer(x, PROBLEM_ORDER_NOT_PAID, barrier, "Nothing was paid for this order");
        return;
    }
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    write_dispute(&j, &f);
    write_evidence(api, &j, &f);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, barrier);
}
