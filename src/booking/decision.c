#include "booking/state.h"

struct booking_entry *decision_entry(struct booking_decision *d, uint16_t number)
{
    assert(d->entry_count < LIMIT_DECISION_ENTRIES);
    struct booking_entry *entry = &d->entries[d->entry_count++];
    entry->number = number;
    memset(&entry->event_created, 0, booking_entry_record(number)->size); /* what it has */
    return entry;
}

void decision_culprit(struct booking_decision *d, uint32_t unit)
{
    if (d->culprit_count < LIMIT_HOLD_UNITS)
        d->culprits[d->culprit_count++] = unit;
}

void decision_culprit_sorted(struct booking_decision *d, uint32_t unit)
{
    uint32_t at = d->culprit_count;
    while (at > 0 && d->culprits[at - 1] > unit)
        at--;
    if (at == LIMIT_HOLD_UNITS || (at > 0 && d->culprits[at - 1] == unit))
        return;
    if (d->culprit_count < LIMIT_HOLD_UNITS)
        d->culprit_count++;
    for (uint32_t i = d->culprit_count - 1; i > at; i--)
        d->culprits[i] = d->culprits[i - 1];
    d->culprits[at] = unit;
}

void decision_expire(const struct booking *b, uint32_t hold, struct booking_decision *d)
{
    const struct hold *h = &b->holds[hold];
    assert(h->state == HOLD_LIVE);
    decision_entry(d, BOOKING_ENTRY_hold_expired)->hold_expired.hold = hold;
    if (h->order == BOOKING_NONE)
        return;
    const struct order *o = &b->orders[h->order];
    if (o->intent_len > 0) { /* else the cancel follows the news that the intent exists */
        struct provider_call call = provider_call(b, h->order, BOOKING_CALL_CANCEL, 1);
        decision_call(b, d, &call);
    }
}

static bool decision_has_expiry(const struct booking_decision *d, uint32_t hold)
{
    for (uint32_t i = 0; i < d->entry_count; i++)
        if (d->entries[i].number == BOOKING_ENTRY_hold_expired &&
            d->entries[i].hold_expired.hold == hold)
            return true;
    return false;
}

void decision_expire_once(const struct booking *b, uint32_t hold, struct booking_decision *d)
{
    if (!decision_has_expiry(d, hold))
        decision_expire(b, hold, d);
}

bool decision_expire_due(const struct booking *b, uint64_t ts_us, struct booking_decision *d)
{
    struct expired_walk walk;
    uint32_t expired = 0, hold;
    expired_begin(b, &walk);
    while ((hold = expired_next(b, &walk, ts_us)) != BOOKING_NONE) {
        if (expired++ == LIMIT_TICK_EXPIRIES)
            return false;
        decision_expire(b, hold, d);
    }
    return true;
}

bool decision_expire_units(const struct booking *b, struct u32s units, struct booking_decision *d)
{
    uint32_t expired = 0;
    for (uint32_t i = 0; i < d->entry_count; i++)
        expired += d->entries[i].number == BOOKING_ENTRY_hold_expired;
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i), before = d->entry_count;
        if (unit_state(b, unit) != BOOKING_HELD)
            continue;
        decision_expire_once(b, unit_owner(b, unit), d);
        expired += d->entry_count > before;
        if (expired > LIMIT_TICK_EXPIRIES)
            return false;
    }
    return true;
}

/* Appends to a bounded text; the bound is a matter of LIMIT_CALL_TEXT and asserted. */
static void put(char *text, size_t *len, struct slice s)
{
    assert(s.len <= LIMIT_CALL_TEXT - *len);
    if (s.len > 0)
        memcpy(text + *len, s.data, s.len);
    *len += s.len;
}

static void put_number(char *text, size_t *len, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(text, len, slice_make(digits + at, sizeof digits - at));
}

static void put_id(char *text, size_t *len, enum id_type type, struct id id)
{
    char letters[ID_TEXT_MAX];
    size_t count = id_format(type, id, letters);
    put(text, len, slice_make(letters, count));
}

/* ---- calls to the provider ---- */

static void put_methods(const struct state *s, char *text, size_t *len)
{
    static const struct {
        uint32_t method;
        struct slice name;
    } methods[] = {
        {BOOKING_METHOD_CARD, {"card", 4}},
        {BOOKING_METHOD_IDEAL, {"ideal", 5}},
        {BOOKING_METHOD_BANCONTACT, {"bancontact", 10}},
        {BOOKING_METHOD_SEPA_DEBIT, {"sepa_debit", 10}},
    };
    uint32_t set = s->payment_methods == 0 ? BOOKING_METHOD_CARD : s->payment_methods;
    bool cards_alone = set == BOOKING_METHOD_CARD;
    put(text, len, SLICE("&capture_method="));
    put(text, len, cards_alone ? SLICE("manual") : SLICE("automatic"));
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (!(set & methods[i].method))
            continue;
        put(text, len, SLICE("&payment_method_types[]="));
        put(text, len, methods[i].name);
    }
    if (set & BOOKING_METHOD_CARD && !cards_alone)
        put(text, len, SLICE("&payment_method_options[card][capture_method]=manual"));
}

static void put_create(const struct booking *b, const struct provider_call *call, struct id id,
                       char *text, size_t *len)
{
    char currency[3];
    for (int i = 0; i < 3; i++)
        currency[i] = (char)(b->s->currency[i] | 0x20); /* lower case */
    put(text, len, SLICE("amount="));
    put_number(text, len, (uint64_t)call->amount_minor);
    put(text, len, SLICE("&currency="));
    put(text, len, slice_make(currency, 3));
    put_methods(b->s, text, len);
    put(text, len, SLICE("&metadata[order_id]="));
    put_id(text, len, ID_ORDER, id);
    put(text, len, SLICE("&metadata[event_id]="));
    put_id(text, len, ID_EVENT, (struct id){b->s->partition, 0, b->s->event_random});
}

static void put_refund(const struct provider_call *call, struct id id, char *text, size_t *len)
{
    put(text, len, SLICE("payment_intent="));
    put(text, len, call->intent);
    put(text, len, SLICE("&amount="));
    put_number(text, len, (uint64_t)call->amount_minor);
    put(text, len, SLICE("&metadata[order_id]="));
    put_id(text, len, ID_ORDER, id);
    put(text, len, SLICE("&metadata[refund]="));
    put_number(text, len, call->refund);
    put(text, len, SLICE("&metadata[attempt]="));
    put_number(text, len, call->attempt);
    put(text, len, SLICE("&reason=requested_by_customer"));
}

size_t call_write(const struct booking *b, const struct provider_call *call, char *text,
                  struct slice *ret_key, struct slice *ret_body)
{
    static const struct slice names[] = {
        [BOOKING_CALL_CREATE] = {"-create-", 8},
        [BOOKING_CALL_CAPTURE] = {"-capture-", 9},
        [BOOKING_CALL_CANCEL] = {"-cancel-", 8},
        [BOOKING_CALL_REFUND] = {"-refund-", 8},
    };
    assert(call->kind >= BOOKING_CALL_CREATE && call->kind <= BOOKING_CALL_REFUND);
    struct id id = {b->s->partition, call->order, call->order_random};
    size_t len = 0;
    put(text, &len, SLICE("onsale-"));
    put_id(text, &len, ID_ORDER, id);
    put(text, &len, names[call->kind]);
    put_number(text, &len, call->attempt);
    size_t key_len = len;
    switch ((enum booking_call)call->kind) {
    case BOOKING_CALL_CREATE: put_create(b, call, id, text, &len); break;
    case BOOKING_CALL_CAPTURE:
        put(text, &len, SLICE("amount_to_capture="));
        put_number(text, &len, (uint64_t)call->amount_minor);
        break;
    case BOOKING_CALL_CANCEL: put(text, &len, SLICE("cancellation_reason=abandoned")); break;
    case BOOKING_CALL_REFUND: put_refund(call, id, text, &len); break;
    case BOOKING_CALL_NONE: break;
    }
    *ret_key = slice_make(text, key_len);
    *ret_body = slice_make(text + key_len, len - key_len);
    return len;
}

struct provider_call provider_call(const struct booking *b, uint32_t order, enum booking_call kind,
                                   uint8_t attempt)
{
    const struct order *o = &b->orders[order];
    return (struct provider_call){.order = order,
                                  .kind = (uint8_t)kind,
                                  .attempt = attempt,
                                  .order_random = o->random,
                                  .amount_minor = o->total_minor,
                                  .intent = slice_make(o->intent, o->intent_len)};
}

void decision_call(const struct booking *b, struct booking_decision *d,
                   const struct provider_call *call)
{
    assert(d->text_used + LIMIT_CALL_TEXT <= sizeof d->text);
    struct slice key, body;
    d->text_used += (uint32_t)call_write(b, call, d->text + d->text_used, &key, &body);
    struct booking_entry *entry = decision_entry(d, BOOKING_ENTRY_payment_requested);
    entry->payment_requested = (struct entry_payment_requested){.order = call->order,
                                                                .kind = call->kind,
                                                                .attempt = call->attempt,
                                                                .call_key = key,
                                                                .body = body};
}

bool booking_call_get(const struct booking *b, uint32_t order,
                      struct entry_payment_requested *ret_entry, char *ret_text)
{
    assert(order < b->s->orders_used);
    const struct order *o = &b->orders[order];
    if (o->call == BOOKING_CALL_NONE)
        return false;
    struct provider_call call = provider_call(b, order, (enum booking_call)o->call, o->attempt);
    if (o->call == BOOKING_CALL_REFUND) {
        call.refund = o->refund_owed;
        call.amount_minor = refund_amount(b, o, call.refund);
    }
    struct entry_payment_requested entry = {.order = order, .kind = o->call, .attempt = o->attempt};
    call_write(b, &call, ret_text, &entry.call_key, &entry.body);
    *ret_entry = entry;
    return true;
}

void sort_units(uint32_t *units, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) { /* at most LIMIT_HOLD_UNITS */
        uint32_t unit = units[i], at = i;
        for (; at > 0 && units[at - 1] > unit; at--)
            units[at] = units[at - 1];
        units[at] = unit;
    }
}
