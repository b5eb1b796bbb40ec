#include "model/calls.h"

struct call {
    uint32_t order;
    uint8_t kind, attempt;
    uint32_t key_len, body_len;
    char key[LIMIT_CALL_TEXT], body[LIMIT_CALL_TEXT];
};

static uint32_t count(const struct calls *calls)
{
    return (uint32_t)(calls->list.len / sizeof(struct call));
}

static const struct call *at(const struct calls *calls, uint32_t i)
{
    return (const struct call *)(const void *)(calls->list.data + i * sizeof(struct call));
}

void calls_begin(struct calls *calls)
{
    buf_clear(&calls->list);
}

void calls_finish(struct calls *calls)
{
    buf_finish(&calls->list);
}

static bool is_same(const char *bytes, uint32_t len, struct slice other)
{
    return slice_equal(slice_make(bytes, len), other);
}

const char *calls_add(struct calls *calls, const struct entry_payment_requested *e)
{
    struct call call = {.order = e->order, .kind = e->kind, .attempt = e->attempt};
    if (e->call_key.len == 0 || e->call_key.len > sizeof call.key || e->body.len > sizeof call.body)
        return "a call without a key, or too long";
    for (uint32_t i = 0; i < count(calls); i++)
        if (is_same(at(calls, i)->key, at(calls, i)->key_len, e->call_key))
            return "a call has the key of an earlier one";
    call.key_len = (uint32_t)e->call_key.len;
    call.body_len = (uint32_t)e->body.len;
    memcpy(call.key, e->call_key.data, call.key_len);
    if (call.body_len > 0)
        memcpy(call.body, e->body.data, call.body_len);
    buf_append(&calls->list, &call, sizeof call);
    return NULL;
}

const char *calls_compare(const struct calls *calls, const struct booking *b)
{
    char text[LIMIT_CALL_TEXT];
    for (uint32_t order = 0; order < booking_order_slots(b); order++) {
        struct entry_payment_requested owed;
        const struct call *last = NULL;
        if (!booking_call_get(b, order, &owed, text))
            continue;
        for (uint32_t i = 0; i < count(calls); i++)
            if (at(calls, i)->order == order)
                last = at(calls, i);
        if (!last || last->kind != owed.kind || last->attempt != owed.attempt ||
            !is_same(last->key, last->key_len, owed.call_key) ||
            !is_same(last->body, last->body_len, owed.body))
            return "the state tells another call than the entry did";
    }
    return NULL;
}
