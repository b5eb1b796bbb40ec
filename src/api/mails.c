/* mails: what a buyer is told by mail. */
#include "api/event_json.h"
#include "api/event_words.h"
#include "api/items.h"
#include "api/order_json.h"
#include "api/orders.h"
#include "base/money.h"
#include "effects/notice.h"
#include "keys/person.h"
#include "views/zone.h"

#include <stdio.h>
#include <string.h>

/* ---- which mails ---- */

static bool is_of_buyer(uint8_t reason)
{
    return reason != BOOKING_CASE_REFUND_UNASKED && reason != BOOKING_CASE_DIFFERS &&
           reason != BOOKING_CASE_DISPUTES_FULL;
}

static bool mail_of_refund(const struct booking_entry *e, struct api_mail *m)
{
    if (e->number == BOOKING_ENTRY_refund_requested) {
        m->order = e->refund_requested.order;
        m->detail = e->refund_requested.refund;
        return e->refund_requested.units.count > 0; /* else PaymentTaken tells it */
    }
    m->order = e->refund_done.order;
    m->detail = e->refund_done.refund;
    return e->refund_done.amount_minor > 0;
}

static bool mail_of_order(const struct booking_entry *e, struct api_mail *m)
{
    switch (e->number) {
    case BOOKING_ENTRY_payment_captured: m->order = e->payment_captured.order; return true;
    case BOOKING_ENTRY_payment_processing:
        m->order = e->payment_processing.order;
        m->until_us = e->payment_processing.expires_at_us;
        return true;
    case BOOKING_ENTRY_payment_declined:
        m->order = e->payment_declined.order;
        m->until_us = e->payment_declined.expires_at_us;
        return m->until_us != 0; /* else the buyer is at the page and sees it there */
    case BOOKING_ENTRY_order_ended:
        m->order = e->order_ended.order;
        m->detail = e->order_ended.reason;
        return m->detail != BOOKING_END_CANCELLED;
    case BOOKING_ENTRY_payment_taken: m->order = e->payment_taken.order; return true;
    case BOOKING_ENTRY_order_voided: m->order = e->order_voided.order; return true;
    default: return false;
    }
}

bool api_mail_of(const struct engine_entry *entry, struct api_mail *ret_mail)
{
    struct booking_entry e;
    struct api_mail *m = ret_mail;
    if (entry->partition == 0 || entry->partition & ENGINE_QUEUE ||
        !booking_entry_decode(entry->bytes, &e))
        return false;
    *m = (struct api_mail){.seq = entry->seq, .partition = entry->partition, .entry = e.number};
    switch (e.number) {
    case BOOKING_ENTRY_refund_requested:
    case BOOKING_ENTRY_refund_done: return mail_of_refund(&e, m);
    case BOOKING_ENTRY_case_opened:
        m->order = e.case_opened.order;
        m->detail = e.case_opened.reason;
        return is_of_buyer(m->detail);
    case BOOKING_ENTRY_dispute_opened: m->order = e.dispute_opened.order; return true;
    case BOOKING_ENTRY_dispute_closed:
        m->order = e.dispute_closed.order;
        m->detail = e.dispute_closed.won;
        return true;
    default: return mail_of_order(&e, m);
    }
}

/* ---- what they say ---- */

static bool is_all_refunded(const struct booking_order *o)
{
    uint32_t i = 0;
    while (i < o->unit_count && o->refund_of[i])
        i++;
    return i == o->unit_count;
}

/* What kind of notice a mail is, as the order stands by now: what became untrue meanwhile is not
 * told any more, what followed tells it. */
static enum notice_kind kind_of(const struct api_mail *m, const struct booking_order *o)
{
    bool refunds =
        m->detail == BOOKING_CASE_REFUND_REFUSED || m->detail == BOOKING_CASE_REFUND_FAILED;
    switch (m->entry) {
    case BOOKING_ENTRY_payment_captured:
        if (o->state != BOOKING_ORDER_CAPTURED || o->dispute == BOOKING_DISPUTE_OPEN ||
            o->dispute == BOOKING_DISPUTE_LOST)
            return NOTICE_KINDS;
        if (is_all_refunded(o))
            return NOTICE_KINDS;
        return o->total_minor ? NOTICE_PAID : NOTICE_FREE;
    case BOOKING_ENTRY_payment_processing: return o->processing ? NOTICE_PROCESSING : NOTICE_KINDS;
    case BOOKING_ENTRY_payment_declined:
        return o->state == BOOKING_ORDER_PLACED && !o->processing ? NOTICE_DECLINED : NOTICE_KINDS;
    case BOOKING_ENTRY_order_ended:
        if (o->taken_minor || o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED)
            return NOTICE_KINDS;
        return m->detail == BOOKING_END_EXPIRED ? NOTICE_EXPIRED : NOTICE_FAILED;
    case BOOKING_ENTRY_payment_taken: return NOTICE_TOO_LATE;
    case BOOKING_ENTRY_order_voided: return o->taken_minor ? NOTICE_KINDS : NOTICE_RELEASED;
    case BOOKING_ENTRY_refund_requested: return NOTICE_REFUND_BEGUN;
    case BOOKING_ENTRY_refund_done: return NOTICE_REFUND_DONE;
    case BOOKING_ENTRY_case_opened:
        if (!order_in_review(o))
            return NOTICE_KINDS;
        if (refunds)
            return NOTICE_REFUND_REVIEW;
        return order_released_us(o) ? NOTICE_REVIEW : NOTICE_ENDED_REVIEW;
    case BOOKING_ENTRY_dispute_opened: return NOTICE_DISPUTE_OPENED;
    case BOOKING_ENTRY_dispute_closed: /* what counts for the buyer is whether the tickets do */
        return m->detail || o->dispute == BOOKING_DISPUTE_LOST_IN_PART ? NOTICE_DISPUTE_WON
                                                                       : NOTICE_DISPUTE_LOST;
    default: return NOTICE_KINDS;
    }
}

/* What happens once to an order has its name; what may happen again, the row's number as well. */
static void name_mail(const struct api_mail *m, const char *order, char ret_id[64])
{
    static const struct {
        uint16_t entry;
        const char *name;
    } names[] = {
        {BOOKING_ENTRY_payment_processing, "processing"},
        {BOOKING_ENTRY_payment_declined, "declined"},
        {BOOKING_ENTRY_order_ended, "ended"},
        {BOOKING_ENTRY_payment_taken, "late"},
        {BOOKING_ENTRY_order_voided, "given-up"},
        {BOOKING_ENTRY_refund_requested, "refund"},
        {BOOKING_ENTRY_refund_done, "repaid"},
        {BOOKING_ENTRY_case_opened, "review"},
        {BOOKING_ENTRY_dispute_opened, "dispute"},
        {BOOKING_ENTRY_dispute_closed, "decided"},
    };
    (void)snprintf(ret_id, 64, "%s", order);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].entry == m->entry)
            (void)snprintf(ret_id, 64, "%s-%s-%llu", order, names[i].name,
                           (unsigned long long)m->seq);
    }
}

/* The places that a mail lists: those of its refund, else those whose tickets are the buyer's. */
static bool is_listed(const struct api_mail *m, const struct booking_order *o, uint32_t i)
{
    if (m->entry == BOOKING_ENTRY_refund_requested)
        return o->refund_of[i] == m->detail;
    return o->refund_of[i] == 0;
}

static int64_t amount_of(const struct api_mail *m, const struct booking *b,
                         const struct booking_order *o)
{
    bool refund =
        m->entry == BOOKING_ENTRY_refund_requested || m->entry == BOOKING_ENTRY_refund_done;
    if (refund && m->detail >= 1 && m->detail <= o->refunds)
        return booking_refund_amount(b, m->order, m->detail);
    return m->entry == BOOKING_ENTRY_payment_taken ? o->taken_minor : 0;
}

/* Room for the words of one mail. */
struct words {
    char names[LIMIT_HOLD_UNITS][EVENT_WORDS_BYTES], start[EVENT_WORDS_BYTES],
        venue[EVENT_WORDS_BYTES], total[EVENT_WORDS_BYTES], amount[EVENT_WORDS_BYTES],
        until[EVENT_WORDS_BYTES], url[EVENT_WORDS_BYTES];
    struct slice places[LIMIT_HOLD_UNITS];
};

static struct slice url_words(const struct api *api, const struct api_event *event,
                              const char *order, char to[EVENT_WORDS_BYTES])
{
    const char *base = api->options.public_url ? api->options.public_url : api->options.base_url;
    int len = snprintf(to, EVENT_WORDS_BYTES, "%s/events/%s/orders/%s", base ? base : "", event->id,
                       order);
    return slice_make(to, (size_t)len < EVENT_WORDS_BYTES ? (size_t)len : EVENT_WORDS_BYTES - 1);
}

static void write_mail(const struct api *api, const struct api_mail *m,
                       const struct api_event *event, const struct booking *b,
                       const struct booking_order *o, enum notice_kind kind,
                       struct api_mail_text *text)
{
    struct words w;
    char order[ID_TEXT_MAX];
    struct id id = {m->partition, m->order, o->random};
    int64_t amount = amount_of(m, b, o);
    bool whole = kind == NOTICE_PAID || kind == NOTICE_PROCESSING || kind == NOTICE_DECLINED;
    id_format(ID_ORDER, id, order);
    name_mail(m, order, text->id);
    struct notice notice = {
        .kind = kind,
        .name = slice_make(text->to.name, text->to.name_len),
        .order = slice_from_string(order),
        .event = event->name,
        .venue = event_words_venue(event, w.venue),
        .starts_at = event_words_start(event, w.start),
        .places = w.places,
        .total = whole ? event_words_total(event, o->total_minor, w.total) : SLICE(""),
        .until = event_words_time(event, kind == NOTICE_REVIEW ? order_released_us(o) : m->until_us,
                                  w.until),
        .url = url_words(api, event, order, w.url),
    };
    for (uint32_t i = 0; i < o->unit_count; i++) {
        char *name = w.names[notice.place_count];
        if (is_listed(m, o, i))
            w.places[notice.place_count++] = event_words_place(event, b, o->units[i], name);
    }
    if (amount)
        notice.amount = slice_make(w.amount, money_format(amount, event->currency, w.amount));
    notice_write(&notice, &notice_en, &text->subject, &text->text, &text->html);
}

int api_mail_write(struct api *api, const struct api_mail *mail, struct api_mail_text *ret_text,
                   struct err *err)
{
    const struct api_event *event = catalogue_event(&api->catalogue, mail->partition);
    const struct booking *b = engine_booking(api->options.engine, mail->partition);
    struct booking_order o;
    uint64_t random =
        b && mail->order < booking_order_slots(b) ? booking_order_random(b, mail->order) : 0;
    if (!event || !random || !booking_order_get(b, mail->order, random, &o))
        return 1;
    enum notice_kind kind = kind_of(mail, &o);
    if (kind == NOTICE_KINDS)
        return 1;
    struct id id = {mail->partition, mail->order, random};
    int found = orders_contact(api, id, &ret_text->to, err);
    if (found != 0)
        return found;
    write_mail(api, mail, event, b, &o, kind, ret_text);
    return ret_text->subject.failed || ret_text->text.failed || ret_text->html.failed
               ? err_set(err, "no memory for a mail")
               : 0;
}

void api_mail_text_finish(struct api_mail_text *text)
{
    buf_finish(&text->subject);
    buf_finish(&text->text);
    buf_finish(&text->html);
}
