/* reconciliation: the payment provider's books against ours, on demand, while the house is open. */
#include "api/context.h"
#include "api/request.h"
#include "routes.gen.h"

#define DAYS_MAX 3650u

static void write_difference(struct json *j, const struct reconcile_difference *d)
{
    char text[ID_TEXT_MAX], words[RECONCILE_WORDS_MAX];
    reconcile_words(d, words);
    json_put_object(j, NULL);
    json_put_string(j, "kind", reconcile_kind_words(d->kind));
    json_put_string(j, "words", words);
    if (d->order.random)
        json_put_text(j, "order_id", slice_make(text, id_format(ID_ORDER, d->order, text)));
    else
        json_put_null(j, "order_id");
    json_put_string(j, "object", d->object);
    json_put_money(j, "ours", d->ours_minor, d->currency);
    json_put_money(j, "theirs", d->theirs_minor, d->currency);
    json_end(j);
}

static void put_moment(struct json *j, const char *key, uint64_t time_us)
{
    if (time_us)
        json_put_time(j, key, time_us);
    else
        json_put_null(j, key);
}

static void answer(struct http_exchange *x, int status)
{
    const struct api_options *options = &api_of(x)->options;
    const struct reconcile_report *report = options->reconcile_report(options->host);
    const char *state = report->running      ? "running"
                        : report->failure[0] ? "failed"
                        : report->ended_us   ? "done"
                                             : "never";
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "state", state);
    put_moment(&j, "started_at", report->started_us);
    put_moment(&j, "ended_at", report->ended_us);
    put_moment(&j, "since", report->since_s * 1000000);
    if (report->failure[0])
        json_put_string(&j, "failure", report->failure);
    else
        json_put_null(&j, "failure");
    json_put_u64(&j, "read", report->read);
    json_put_u64(&j, "orders", report->counters.orders);
    json_put_u64(&j, "under_way", report->counters.under_way);
    json_put_u64(&j, "foreign", report->counters.foreign);
    json_put_array(&j, "differences");
    for (uint32_t i = 0; i < report->count; i++)
        write_difference(&j, &report->differences[i]);
    json_end(&j);
    json_put_u64(&j, "difference_count", report->counters.differences);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, status, &body, 0);
}

/* False: answered, this house cannot compare. */
static bool can_compare(struct http_exchange *x)
{
    if (api_of(x)->options.reconcile)
        return true;
    problem_answer(x, PROBLEM_PAYMENT_UNAVAILABLE, 0, "This house has no payment provider");
    return false;
}

void api_reconciliation_get(struct http_exchange *x)
{
    if (can_compare(x))
        answer(x, 200);
}

/* One that is under way is the answer, too: asking twice compares once. */
void api_reconciliation_start(struct http_exchange *x)
{
    static const struct integer_rule rule = {.min = 1, .max = DAYS_MAX};
    const struct api_options *options = &api_of(x)->options;
    struct request r;
    if (!can_compare(x) || !request_begin(x, &r))
        return;
    request_members(&r, r.root, "", "days");
    uint64_t days = (uint64_t)request_integer(&r, r.root, "days", &rule);
    if (!request_end(&r))
        return;
    request_finish(&r);
    (void)options->reconcile(options->host, days);
    answer(x, 202);
}
