/* stripe: requests, and what an answer to one means (stripe.h). */
#include "effects/stripe_internal.h"

#include <assert.h>

/* ---- requests ---- */

bool stripe_plain_word(struct slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == ':' || c == '.';
        if (!fine)
            return false;
    }
    return word.len > 0;
}

int64_t stripe_least_minor(const char currency[3])
{
    static const struct {
        char currency[4];
        int64_t minor;
    } least[] = {
        {"AED", 200},  {"AUD", 50},  {"BGN", 100},  {"BRL", 50},  {"CAD", 50},   {"CHF", 50},
        {"CZK", 1500}, {"DKK", 250}, {"EUR", 50},   {"GBP", 30},  {"HKD", 400},  {"HUF", 17500},
        {"INR", 50},   {"JPY", 50},  {"MXN", 1000}, {"MYR", 200}, {"NOK", 300},  {"NZD", 50},
        {"PLN", 200},  {"RON", 200}, {"SEK", 300},  {"SGD", 50},  {"THB", 1000}, {"USD", 50},
    };
    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++)
        if (memcmp(least[i].currency, currency, 3) == 0)
            return least[i].minor;
    return 0;
}

bool stripe_currency_is(struct slice told, const char code[3])
{
    for (size_t i = 0; i < told.len; i++)
        if (i >= 3 || told.data[i] != (code[i] | 0x20))
            return false;
    return told.len == 3;
}

static void add_header(struct stripe_request *request, const char *name, struct slice value)
{
    assert(request->header_count < STRIPE_HEADERS_MAX);
    char *line = request->headers[request->header_count++];
    (void)snprintf(line, sizeof request->headers[0], "%s: %.*s", name, SLICE_ARG(value));
}

/* Where a call goes; `id` is plain. False: it does not fit. */
static bool write_url(const struct stripe_account *account,
                      const struct stripe_request_options *options, char ret_url[STRIPE_URL_MAX])
{
    static const struct {
        const char *before, *after; /* the id */
    } paths[] = {
        [STRIPE_CREATE] = {"payment_intents", NULL},
        [STRIPE_CAPTURE] = {"payment_intents/", "/capture"},
        [STRIPE_CANCEL] = {"payment_intents/", "/cancel"},
        [STRIPE_RETRIEVE] = {"payment_intents/", "?expand%5B%5D=latest_charge"}, /* has the card */
        [STRIPE_REFUND] = {"refunds", NULL},
        [STRIPE_REFUND_GET] = {"refunds/", ""},
        [STRIPE_REFUNDS_OF] = {"refunds?limit=100&payment_intent=", ""},
    };
    _Static_assert(STRIPE_PAGE == 100, "as the list of refunds asks for");
    const char *after = paths[options->call].after;
    struct slice id = after ? options->intent : SLICE("");
    int len = snprintf(ret_url, STRIPE_URL_MAX, "%s/v1/%s%.*s%s", account->api_base,
                       paths[options->call].before, SLICE_ARG(id), after ? after : "");
    return len > 0 && (size_t)len < STRIPE_URL_MAX;
}

/* What all requests carry. */
static int add_account(const struct stripe_account *account, struct stripe_request *request,
                       struct err *err)
{
    struct slice secret = slice_from_string(account->secret_key);
    char bearer[STRIPE_KEY_MAX + 8];
    if (!stripe_plain_word(secret) || secret.len > LIMIT_IDEMPOTENCY_KEY_BYTES)
        return err_set(err, "the provider's secret key is empty or malformed");
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", account->secret_key);
    add_header(request, "Authorization", slice_from_string(bearer));
    add_header(request, "Stripe-Version", SLICE(STRIPE_VERSION));
    return 0;
}

int stripe_request_build(const struct stripe_account *account,
                         const struct stripe_request_options *options,
                         struct stripe_request *ret_request, struct err *err)
{
    enum stripe_call call = options->call;
    if (call != STRIPE_CREATE &&
        (!stripe_plain_word(options->intent) || options->intent.len > LIMIT_PAYMENT_ID_BYTES))
        return err_set(err, "the payment has no usable intent id");
    bool post = call != STRIPE_RETRIEVE && call != STRIPE_REFUND_GET && call != STRIPE_REFUNDS_OF;
    if (post && (!stripe_plain_word(options->call_key) || options->call_key.len >= STRIPE_KEY_MAX))
        return err_set(err, "the call has no usable idempotency key");
    struct stripe_request request = {.post = post, .body = post ? options->body : SLICE("")};
    if (!write_url(account, options, request.url))
        return err_set(err, "the provider's address is too long");
    if (add_account(account, &request, err) < 0)
        return -1;
    if (post) {
        add_header(&request, "Content-Type", SLICE("application/x-www-form-urlencoded"));
        add_header(&request, "Idempotency-Key", options->call_key);
    }
    *ret_request = request;
    return 0;
}

int stripe_list_build(const struct stripe_account *account,
                      const struct stripe_list_options *options, struct stripe_request *ret_request,
                      struct err *err)
{
    static const char *const names[] = {
        [STRIPE_LIST_INTENTS] = "payment_intents",
        [STRIPE_LIST_REFUNDS] = "refunds",
        [STRIPE_LIST_DISPUTES] = "disputes",
    };
    struct stripe_request request = {0};
    char since[48] = "";
    bool follows = options->after.len > 0;
    if (follows &&
        (!stripe_plain_word(options->after) || options->after.len > LIMIT_PAYMENT_ID_BYTES))
        return err_set(err, "the list cannot go on behind something that is not an id");
    if (options->since_s)
        (void)snprintf(since, sizeof since, "&created%%5Bgte%%5D=%llu",
                       (unsigned long long)options->since_s);
    int len = snprintf(request.url, sizeof request.url, "%s/v1/%s?limit=%u%s%s%.*s",
                       account->api_base, names[options->list], STRIPE_PAGE, since,
                       follows ? "&starting_after=" : "", SLICE_ARG(options->after));
    if (len < 0 || (size_t)len >= sizeof request.url)
        return err_set(err, "the provider's address is too long");
    if (add_account(account, &request, err) < 0)
        return -1;
    *ret_request = request;
    return 0;
}

/* ---- answers ---- */

/* An answer that is an error object of Stripe's; a page of some proxy on the way is not. */
static void read_error(const struct stripe_reply *reply, const json_t *root,
                       struct stripe_answer *answer)
{
    const json_t *error = json_object_get(root, "error");
    if (!json_is_object(error))
        return;
    stripe_keep(answer->code, sizeof answer->code, stripe_error_code(error));
    if (reply->status == 402)
        answer->result = STRIPE_DECLINED;
    else if (reply->status == 401 || reply->status == 403)
        answer->result = STRIPE_BARRED;
    else
        answer->result = STRIPE_REFUSED;
    if (answer->code[0] == '\0')
        (void)snprintf(answer->code, sizeof answer->code, "http_%d", reply->status);
}

/* False: nothing that a call could have brought. */
static bool read_object(const json_t *root, struct stripe_answer *answer)
{
    const char *kind = stripe_string(root, "object");
    if (stripe_intent_read(root, &answer->intent))
        answer->object = STRIPE_OBJECT_INTENT;
    else if (stripe_refund_read(root, &answer->refund))
        answer->object = STRIPE_OBJECT_REFUND;
    else if (kind && strcmp(kind, "list") == 0 && json_is_array(json_object_get(root, "data")))
        answer->object = STRIPE_OBJECT_LIST;
    return answer->object != 0;
}

void stripe_answer_read(const struct stripe_reply *reply, struct stripe_answer *ret_answer)
{
    struct stripe_answer answer = {.result = STRIPE_UNKNOWN, .retry_after_s = reply->retry_after_s};
    int status = reply->status;
    answer.busy = status == 409 || status == 429;
    answer.stuck = status >= 500 && reply->replayed;
    bool refusal = status >= 400 && status < 500 && !answer.busy && status != 408 && status != 425;
    if ((status >= 200 && status < 300) || refusal) {
        json_t *root = stripe_load(reply->body);
        if (root && refusal)
            read_error(reply, root, &answer);
        else if (root && read_object(root, &answer))
            answer.result = STRIPE_DONE;
        json_decref(root);
    }
    *ret_answer = answer;
}
