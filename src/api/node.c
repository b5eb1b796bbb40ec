/* node: GET /health, GET /metrics and the contract itself. */
#include "api/queue.h"
#include "routes.gen.h"

#include <stdio.h>

static const char *health(const struct api *api, const char **ret_detail)
{
    *ret_detail = NULL;
    if (api->draining)
        return "draining";
    if (api->no_space) {
        *ret_detail = "The disk is nearly full: nothing can be sold until there is room";
        return "read_only";
    }
    *ret_detail = views_failed(api->options.views);
    return "ready";
}

/* Commands find out whether there is room again. A balancer that reads "read_only" sends none, so
 * that one is made here: a tick, which comes four times a second anyway. */
static void look_for_space(struct api *api)
{
    struct booking_command tick = {.number = BOOKING_COMMAND_tick};
    struct engine_result result;
    engine_submit(api->options.engine, 1, &tick, &result);
    api->no_space = result.no_space;
}

void api_health_get(struct http_exchange *x)
{
    struct api *api = api_of(x);
    if (api->no_space)
        look_for_space(api);
    const char *detail, *status = health(api, &detail);
    struct engine_counters engine = engine_counters(api->options.engine);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "status", status);
    json_put_string(&j, "version", api->options.version);
    if (detail)
        json_put_string(&j, "detail", detail);
    json_put_u64(&j, "events", engine.events);
    json_put_u64(&j, "journal_seq", engine_last_seq(api->options.engine));
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, strcmp(status, "ready") == 0 ? 200 : 503, &body, 0);
}

void api_openapi_get(struct http_exchange *x)
{
    struct slice bytes = slice_make(api_openapi_json, api_openapi_json_len);
    char etag[API_ETAG_MAX];
    if (!api_not_modified(x, api_etag_of(bytes, etag), "public, max-age=60", 0))
        http_answer(x, 200, "application/json", bytes, 0);
}

/* ---- metrics ---- */

/* Upper bounds in microseconds; the last bucket has none. */
static const uint64_t latency_bounds_us[API_LATENCY_BUCKETS] = {
    250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 10000000};

void api_finished(struct http_exchange *x, int status, uint64_t duration_us, size_t bytes)
{
    (void)bytes;
    const struct http_route *route = http_route_of(x);
    struct api *api = api_of(x);
    if (!route || route < api_routes || route >= api_routes + api_route_count)
        return;
    struct api_route_count *count = &api->counts[route - api_routes];
    if (status >= 100 && status < 600)
        count->by_class[status / 100]++;
    unsigned bucket = 0;
    while (bucket < API_LATENCY_BUCKETS && duration_us > latency_bounds_us[bucket])
        bucket++;
    count->latency[bucket]++;
    count->latency_us_sum += duration_us;
}

static void metric(struct buf *out, const char *name, const char *type, uint64_t value)
{
    buf_append_format(out, "# TYPE onsale_%s %s\nonsale_%s %llu\n", name, type, name,
                      (unsigned long long)value);
}

static void write_requests(const struct api *api, struct buf *out)
{
    buf_append_text(out, "# TYPE onsale_http_requests_total counter\n");
    for (size_t i = 0; i < api_route_count; i++) {
        for (unsigned class = 2; class < 6; class ++) {
            uint64_t value = api->counts[i].by_class[class];
            if (value)
                buf_append_format(out,
                                  "onsale_http_requests_total{route=\"%s\",status=\"%uxx\"} %llu\n",
                                  api_routes[i].name, class, (unsigned long long)value);
        }
    }
    buf_append_text(out, "# TYPE onsale_http_request_seconds histogram\n");
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route_count *count = &api->counts[i];
        uint64_t sum = 0;
        for (unsigned b = 0; b <= API_LATENCY_BUCKETS; b++)
            sum += count->latency[b];
        uint64_t total = sum;
        if (!total)
            continue;
        sum = 0;
        for (unsigned b = 0; b < API_LATENCY_BUCKETS; b++) {
            sum += count->latency[b];
            buf_append_format(
                out, "onsale_http_request_seconds_bucket{route=\"%s\",le=\"%llu.%06llu\"} %llu\n",
                api_routes[i].name, (unsigned long long)(latency_bounds_us[b] / 1000000),
                (unsigned long long)(latency_bounds_us[b] % 1000000), (unsigned long long)sum);
        }
        buf_append_format(out,
                          "onsale_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n"
                          "onsale_http_request_seconds_sum{route=\"%s\"} %llu.%06llu\n"
                          "onsale_http_request_seconds_count{route=\"%s\"} %llu\n",
                          api_routes[i].name, (unsigned long long)total, api_routes[i].name,
                          (unsigned long long)(count->latency_us_sum / 1000000),
                          (unsigned long long)(count->latency_us_sum % 1000000), api_routes[i].name,
                          (unsigned long long)total);
    }
}

static void write_refusals(const struct api *api, struct buf *out)
{
    buf_append_text(out, "# TYPE onsale_queue_refused_total counter\n");
    for (unsigned i = QUEUE_OK + 1; i < QUEUE_REFUSAL_COUNT; i++) {
        if (api->queue_counts.refusals[i])
            buf_append_format(out, "onsale_queue_refused_total{reason=\"%s\"} %llu\n",
                              queue_refusal_code((enum queue_refusal)i),
                              (unsigned long long)api->queue_counts.refusals[i]);
    }
}

static void write_challenges(const struct api *api, struct buf *out)
{
    struct challenge_counters c = challenges_counters(api->challenges);
    metric(out, "challenges_asked_total", "counter", c.work + c.patience);
    metric(out, "challenges_of_waiting_total", "counter", c.patience);
    metric(out, "challenges_busy_total", "counter", c.busy);
    buf_append_text(out, "# TYPE onsale_challenges_shown_total counter\n");
    for (unsigned i = 0; i < CHALLENGE_VERDICTS; i++) {
        if (c.shown[i])
            buf_append_format(out, "onsale_challenges_shown_total{verdict=\"%s\"} %llu\n",
                              challenge_verdict_name((enum challenge_verdict)i),
                              (unsigned long long)c.shown[i]);
    }
}

static void write_captchas(const struct api *api, struct buf *out)
{
    static const char *const names[] = {[CAPTCHA_HUMAN] = "human",
                                        [CAPTCHA_REFUSED] = "refused",
                                        [CAPTCHA_UNAVAILABLE] = "unavailable"};
    metric(out, "captchas_asked_total", "counter", api->captcha.asked);
    metric(out, "captchas_busy_total", "counter", api->captcha.busy);
    buf_append_text(out, "# TYPE onsale_captchas_shown_total counter\n");
    for (unsigned i = CAPTCHA_HUMAN; i <= CAPTCHA_UNAVAILABLE; i++)
        buf_append_format(out, "onsale_captchas_shown_total{verdict=\"%s\"} %llu\n", names[i],
                          (unsigned long long)api->captcha.verdicts[i]);
}

/* Sums over all waiting rooms: their events would be too many labels. */
static void write_queues(const struct api *api, struct buf *out)
{
    uint64_t rooms = 0, called = 0, waiting = 0, missed = 0, admitted = 0, active = 0;
    for (const struct api_queue *room = api->queues; room; room = room->next) {
        const struct queue *q = engine_queue(api->options.engine, room->partition);
        struct queue_status s;
        queue_status(q, engine_now(api->options.engine), &s);
        rooms += s.phase != QUEUE_OFF;
        admitted += s.admitted;
        active += s.active;
        for (unsigned lane = 0; lane < QUEUE_LANES; lane++) {
            called += s.lanes[lane].called;
            waiting += s.lanes[lane].count - s.lanes[lane].called;
            missed += s.lanes[lane].missed_total;
        }
    }
    metric(out, "queues", "gauge", rooms);
    metric(out, "queue_waiting", "gauge", waiting);
    metric(out, "queue_called", "gauge", called);
    metric(out, "queue_missed", "gauge", missed);
    metric(out, "queue_admitted", "gauge", admitted);
    metric(out, "queue_active", "gauge", active);
    metric(out, "queue_joins_total", "counter", api->queue_counts.joined);
    metric(out, "queue_joins_repeated_total", "counter", api->queue_counts.repeated);
    metric(out, "queue_claims_total", "counter", api->queue_counts.claimed);
    metric(out, "queue_not_admitted_total", "counter", api->queue_counts.not_admitted);
    metric(out, "queue_switched_on_total", "counter", api->queue_counts.switched_on);
    write_refusals(api, out);
    write_challenges(api, out);
}

void api_metrics_get(struct http_exchange *x)
{
    struct api *api = api_of(x);
    struct engine_counters e = engine_counters(api->options.engine);
    BUF_AUTO struct buf out = BUF_INIT;
    if (api->server) {
        struct http_counters h = http_server_counters(api->server);
        metric(&out, "http_connections", "gauge", h.connections);
        metric(&out, "http_streams", "gauge", h.streams);
        metric(&out, "http_accepted_total", "counter", h.accepted);
        metric(&out, "http_refused_total", "counter", h.refused);
        metric(&out, "http_bad_requests_total", "counter", h.bad_requests);
        metric(&out, "http_timeouts_total", "counter", h.timeouts);
    }
    metric(&out, "rate_limited_total", "counter", api->limited);
    write_queues(api, &out);
    if (api->options.captcha)
        write_captchas(api, &out);
    metric(&out, "holds_left_total", "counter", api->leaving_counts.begun);
    metric(&out, "holds_returned_to_total", "counter", api->leaving_counts.returned);
    metric(&out, "holds_left_given_back_total", "counter", api->leaving_counts.given_back);
    metric(&out, "fast_orders_total", "counter", api->fast_orders);
    metric(&out, "engine_commands_total", "counter", e.commands);
    metric(&out, "engine_refusals_total", "counter", e.refusals);
    metric(&out, "engine_entries_total", "counter", e.entries);
    metric(&out, "engine_batches_total", "counter", e.batches);
    metric(&out, "engine_bytes_total", "counter", e.bytes);
    metric(&out, "engine_commit_microseconds_total", "counter", e.commit_us_sum);
    metric(&out, "engine_commit_microseconds_max", "gauge", e.commit_us_max);
    metric(&out, "events", "gauge", e.events);
    metric(&out, "journal_seq", "gauge", engine_last_seq(api->options.engine));
    write_requests(api, &out);
    if (api->options.metrics)
        api->options.metrics(api->options.host, &out);
    http_answer(x, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&out), 0);
}
