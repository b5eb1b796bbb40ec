/* calls: what all operations share: keys, errors, parameters, lists, events (calls.h). */
#include "sandbox/calls_internal.h"

#include <assert.h>
#include <jansson.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <time.h>

#define LIST_MAX 100

void calls_make_id(const char *prefix, size_t letters, size_t size, char *ret_id)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char noise[64];
    size_t at = strlen(prefix);
    assert(letters <= sizeof noise && at + letters < size);
    if (RAND_bytes(noise, (int)letters) != 1)
        abort(); /* no entropy: nothing secret can be made */
    memcpy(ret_id, prefix, at);
    for (size_t i = 0; i < letters; i++)
        ret_id[at + i] = alphabet[noise[i] % 62];
    ret_id[at + letters] = '\0';
}

int64_t call_now_s(void)
{
    return (int64_t)time(NULL);
}

/* ---- reading ---- */

struct slice call_field(const struct call *call, const char *name)
{
    struct slice value;
    return form_get(&call->form, name, &value) ? value : slice_make("", 0);
}

bool call_integer(struct slice text, int64_t *ret_value)
{
    int64_t value = 0;
    if (text.len == 0 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *ret_value = value;
    return true;
}

static bool is_known(struct slice name, const char *const *known, size_t count)
{
    if (slice_starts_with(name, SLICE("expand[")))
        return true;
    for (size_t k = 0; k < count; k++) {
        size_t len = strlen(known[k]);
        bool family = len && known[k][len - 1] == '[';
        struct slice word = slice_make(known[k], len);
        if (family ? slice_starts_with(name, word) : slice_equal(name, word))
            return true;
    }
    return false;
}

bool call_knows(struct call *call, const char *const *known, size_t count)
{
    for (size_t i = 0; i < call->form.count; i++) {
        struct slice name = call->form.fields[i].key;
        if (is_known(name, known, count))
            continue;
        char message[128], param[64];
        (void)snprintf(param, sizeof param, "%.*s", (int)(name.len < 60 ? name.len : 60),
                       name.data);
        (void)snprintf(message, sizeof message, "Received unknown parameter: %s", param);
        call_refuse(call, "parameter_unknown", param, message);
        return false;
    }
    return true;
}

bool call_expands(const struct call *call, struct slice what)
{
    for (size_t i = 0; i < call->form.count; i++)
        if (slice_starts_with(call->form.fields[i].key, SLICE("expand[")) &&
            slice_equal(call->form.fields[i].value, what))
            return true;
    return false;
}

static void merge_member(json_t *root, struct slice name, struct slice value)
{
    char key[256];
    (void)snprintf(key, sizeof key, "%.*s", SLICE_ARG(name));
    if (value.len)
        json_object_set_new(root, key, json_stringn(value.data, value.len));
    else
        json_object_del(root, key);
}

bool call_merge(struct call *call, const char *name, size_t size, char *object)
{
    struct slice key, value, whole;
    json_t *root = json_loads(object, 0, NULL);
    if (form_get(&call->form, name, &whole) && whole.len == 0)
        json_object_clear(root);
    for (size_t at = 0; form_next_in(&call->form, name, &at, &key, &value);)
        merge_member(root, key, value);
    size_t len = json_dumpb(root, object, size - 1, JSON_COMPACT);
    bool fits = root && len < size;
    if (fits)
        object[len] = '\0';
    else
        call_refuse(call, NULL, name, "This is more than the sandbox keeps.");
    json_decref(root);
    return fits;
}

/* ---- answers ---- */

void calls_error(struct call *call, int status, const struct wire_error *error)
{
    call->status = status;
    buf_clear(&call->body);
    wire_error(&call->body, error, call->secret_key);
}

void call_refuse(struct call *call, const char *code, const char *param, const char *message)
{
    calls_error(
        call, 400,
        &(struct wire_error){
            .type = "invalid_request_error", .code = code, .param = param, .message = message});
}

void call_missing(struct call *call, const char *what, const char *param, struct slice id)
{
    char message[128];
    (void)snprintf(message, sizeof message, "No such %s: '%.*s'", what,
                   (int)(id.len < 60 ? id.len : 60), id.data ? id.data : "");
    calls_error(call, 404,
                &(struct wire_error){.type = "invalid_request_error",
                                     .code = "resource_missing",
                                     .param = param,
                                     .message = message});
}

struct json call_answer(struct call *call)
{
    struct json j;
    call->status = 200;
    buf_clear(&call->body);
    json_begin(&j, &call->body);
    return j;
}

/* ---- lists ---- */

static bool read_created(struct call *call, struct books_query *query)
{
    static const struct {
        const char *name;
        bool from;
        int64_t shift;
    } bounds[] = {
        {"created[gte]", true, 0},
        {"created[gt]", true, 1},
        {"created[lte]", false, 0},
        {"created[lt]", false, -1},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct slice text = call_field(call, bounds[i].name);
        int64_t second;
        if (text.len == 0)
            continue;
        if (!call_integer(text, &second)) {
            call_refuse(call, "parameter_invalid_integer", bounds[i].name, "Invalid timestamp");
            return false;
        }
        *(bounds[i].from ? &query->from_s : &query->to_s) = second + bounds[i].shift;
    }
    return true;
}

bool call_list_begin(struct call *call, bool found, int64_t after_row, struct call_list *ret_list)
{
    struct slice limit = call_field(call, "limit"), after = call_field(call, "starting_after");
    struct call_list *list = ret_list;
    if (!KNOWS(call, "limit", "starting_after", "created[", "payment_intent", "charge", "type",
               "source", "currency", "status"))
        return false;
    *list = (struct call_list){.call = call, .left = 10, .query = {.before = after_row}};
    if (limit.len &&
        (!call_integer(limit, &list->left) || list->left < 1 || list->left > LIST_MAX)) {
        call_refuse(call, "parameter_invalid_integer", "limit", "limit must be from 1 to 100");
        return false;
    }
    if (after.len && !found) {
        call_missing(call, "object", "starting_after", after);
        return false;
    }
    if (!read_created(call, &list->query) || !call_list_of_intent(call, &list->query))
        return false;
    list->query.limit = (uint32_t)list->left + 1;
    list->j = call_answer(call);
    json_put_object(&list->j, NULL);
    json_put_string(&list->j, "object", "list");
    json_put_array(&list->j, "data");
    return true;
}

bool call_list_of_intent(struct call *call, struct books_query *query)
{
    struct slice id = call_field(call, "payment_intent"), charge = call_field(call, "charge");
    struct intent intent;
    if (id.len && !books_find_intent(call->books, id, 0, &intent)) {
        call_missing(call, "payment_intent", "payment_intent", id);
        return false;
    }
    if (!id.len && charge.len && !books_find_charge(call->books, charge, &intent)) {
        call_missing(call, "charge", "charge", charge);
        return false;
    }
    if (id.len || charge.len)
        query->intent_row = intent.row;
    return true;
}

bool call_list_room(struct call_list *list)
{
    return list->left-- > 0;
}

void call_list_end(struct call_list *list, const char *url)
{
    json_end(&list->j);
    json_put_bool(&list->j, "has_more", list->left < 0);
    json_put_string(&list->j, "url", url);
    json_end(&list->j);
}

/* ---- events and movements ---- */

void call_emit(struct call *call, const char *type, int64_t intent_row, struct slice object)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct books_event event = {.intent_row = intent_row, .created_s = call_now_s()};
    calls_make_id("evt_", 24, sizeof event.id, event.id);
    (void)snprintf(event.type, sizeof event.type, "%s", type);
    wire_event(&body, &(struct wire_event){.id = event.id,
                                           .type = type,
                                           .created_s = event.created_s,
                                           .idempotency_key = call->key,
                                           .object = object});
    struct fault fault = faults_meet(call->faults, FAULT_ON_WEBHOOK);
    bool of_call = call->fault.kind == FAULT_DUPLICATE || call->fault.kind == FAULT_REORDER;
    if (fault.kind == FAULT_NONE && of_call)
        fault = call->fault;
    if (body.failed)
        return;
    event.body = buf_slice(&body);
    books_event_add(call->books, &event);
    hooks_add(call->hooks, &event, &fault);
}

void call_emit_intent(struct call *call, const char *type, const struct intent *intent)
{
    BUF_AUTO struct buf object = BUF_INIT;
    struct json j;
    json_begin(&j, &object);
    wire_intent(&j, NULL, intent, &(struct wire_view){.secret_key = true});
    call_emit(call, type, intent->row, buf_slice(&object));
}

void call_emit_charge(struct call *call, const char *type, const struct intent *intent)
{
    BUF_AUTO struct buf object = BUF_INIT;
    struct json j;
    json_begin(&j, &object);
    wire_charge(&j, NULL, intent, books_movement_of(call->books, intent->charge, false).text);
    call_emit(call, type, intent->row, buf_slice(&object));
}

void call_move(struct call *call, const struct call_movement *from)
{
    struct movement movement = {
        .intent_row = from->intent_row, .amount = from->amount, .created_s = call_now_s()};
    calls_make_id("txn_", 24, sizeof movement.id, movement.id);
    (void)snprintf(movement.type, sizeof movement.type, "%s", from->type);
    (void)snprintf(movement.source, sizeof movement.source, "%s", from->source);
    (void)snprintf(movement.currency, sizeof movement.currency, "%s", from->currency);
    books_add_movement(call->books, &movement);
}

/* ---- keys ---- */

/* True: answered from what was answered before. */
static bool replay(struct call *call)
{
    uint64_t request;
    if (!call->key.len ||
        !books_reply_find(call->books, call->key, &request, &call->status, &call->body))
        return false;
    call->replayed = request == call->request;
    if (call->replayed)
        return true;
    char message[512];
    (void)snprintf(message, sizeof message,
                   "Keys for idempotent requests can only be used with the same parameters they "
                   "were first used with. Try using a key other than '%.*s' if you meant to "
                   "execute a different request.",
                   SLICE_ARG(call->key));
    calls_error(call, 400, &(struct wire_error){.type = "idempotency_error", .message = message});
    return true;
}

static void store(struct call *call)
{
    if (call->key.len && call->keep && !call->body.failed)
        books_reply_save(call->books, &(struct books_reply){.key = call->key,
                                                            .request = call->request,
                                                            .status = call->status,
                                                            .body = buf_slice(&call->body),
                                                            .created_s = call_now_s()});
}

void calls_run(struct call *call, calls_operation *operation)
{
    if (replay(call))
        return;
    operation(call);
    store(call);
}

void calls_fail(struct call *call, calls_operation *operation, bool done)
{
    if (replay(call))
        return;
    if (done)
        operation(call);
    calls_error(call, 500,
                &(struct wire_error){.type = "api_error",
                                     .message = "An unknown error occurred (asked for by "
                                                "/sandbox/faults)."});
    call->keep = true;
    store(call);
}

void calls_turn_away(struct call *call)
{
    if (call->fault.kind == FAULT_RATE_LIMIT) {
        call->retry_after_s = (call->fault.ms + 999) / 1000;
        calls_error(call, 429,
                    &(struct wire_error){.type = "invalid_request_error",
                                         .code = "rate_limit",
                                         .message = "Request rate limit exceeded (asked for by "
                                                    "/sandbox/faults)."});
        return;
    }
    calls_error(call, 503,
                &(struct wire_error){.type = "api_error",
                                     .message = "The sandbox is not available (asked for by "
                                                "/sandbox/faults)."});
}

/* ---- what falls due ---- */

void calls_due(struct call *call, const struct books_later *later)
{
    struct intent intent;
    switch ((enum agenda_kind)later->kind) {
    case AGENDA_SETTLE: call_settle(call, later->subject); break;
    case AGENDA_REFUND_SUCCEEDS: call_refund_due(call, later->subject, true); break;
    case AGENDA_REFUND_FAILS: call_refund_due(call, later->subject, false); break;
    case AGENDA_DISPUTE:
        call_dispute_due(call, later->subject, (enum agenda_dispute)later->detail);
        break;
    case AGENDA_DISPUTE_WON: call_dispute_judged(call, later->subject, true); break;
    case AGENDA_DISPUTE_LOST: call_dispute_judged(call, later->subject, false); break;
    case AGENDA_PAYOUT:
        if (books_find_intent(call->books, slice_make("", 0), later->subject, &intent))
            call_payout_currency(call, intent.currency);
        break;
    case AGENDA_PAYOUT_PAID: call_payout_due(call, later->subject, true); break;
    case AGENDA_PAYOUT_FAILS: call_payout_due(call, later->subject, false); break;
    }
}
