#include "api/context.h"

#include "api/codes.h"
#include "api/hurdle.h"
#include "api/leaving.h"
#include "api/orders.h"
#include "api/queue.h"
#include "api/stream.h"
#include "api/usher.h"
#include "base/records.h"
#include "guard/velocity.h"

#include <sodium.h>
#include <stdlib.h>

/* ---- life ---- */

static void report(struct api *api, const struct err *err)
{
    if (api->options.failed)
        api->options.failed(api->options.host, err);
}

struct loading {
    struct api *api;
    bool failed;
    struct err err;
};

/* What an event is called, and which units its plan's seats are. */
static int take_document(struct api *api, uint32_t partition, uint64_t random,
                         struct slice document, struct err *err)
{
    const struct booking *b = engine_booking(api->options.engine, partition);
    if (catalogue_take(&api->catalogue, partition, random, document, err) < 0)
        return -1;
    return b ? catalogue_pair(&api->catalogue, partition, b, err) : 0;
}

static void load_event(void *context, const struct views_event *event)
{
    struct loading *loading = context;
    if (!loading->failed && take_document(loading->api, event->partition, event->random,
                                          event->document, &loading->err) < 0)
        loading->failed = true;
}

static void replay_entry(void *context, const struct engine_entry *entry)
{
    struct api *api = context;
    struct views_entry taken = {entry->seq, entry->partition, entry->ts_us, entry->bytes};
    views_take(api->options.views, &taken);
}

/* The views see what was journaled since they were closed; then all documents are read. */
static int load(struct api *api, struct err *err)
{
    struct views *views = api->options.views;
    struct engine *engine = api->options.engine;
    if (engine_replay(engine, views_seq(views), replay_entry, api, err) < 0)
        return -1;
    views_flush(views, engine_last_seq(engine), engine_now(engine));
    struct loading loading = {.api = api};
    if (views_all_events(views, load_event, &loading, err) < 0)
        return -1;
    if (loading.failed)
        return err_set(err, "%s", loading.err.detail);
    queue_attach_all(api);
    return 0;
}

/* Sessions and networks that are remembered at once; 16 bytes each. */
#define LIMIT_TABLE_ENTRIES 262144u

static int create_limits(struct api *api, struct err *err)
{
    const struct api_options *o = &api->options;
    if (o->limit_session_per_second)
        api->by_session = limiter_create(LIMIT_TABLE_ENTRIES);
    if (o->limit_network_per_second)
        api->by_network = limiter_create(LIMIT_TABLE_ENTRIES);
    if (o->limit_network_per_second)
        api->by_guess = limiter_create(LIMIT_TABLE_ENTRIES);
    if ((o->limit_session_per_second && !api->by_session) ||
        (o->limit_network_per_second && (!api->by_network || !api->by_guess)))
        return err_set(err, "no memory for the rate limits");
    api->by_patience = limiter_create(LIMIT_TABLE_ENTRIES);
    api->velocity = velocity_create(LIMIT_TABLE_ENTRIES);
    if (!api->by_patience || !api->velocity)
        return err_set(err, "no memory for the rate limits");
    return challenges_create(&o->challenge, 0, &api->challenges, err);
}

int api_create(const struct api_options *options, struct api **ret_api, struct err *err)
{
    struct api *api = calloc(1, sizeof *api);
    if (!api)
        return err_set(err, "no memory");
    api->options = *options;
    api->counts = calloc(api_route_count, sizeof *api->counts);
    if (!api->counts || sodium_init() < 0) {
        free(api->counts);
        free(api);
        return err_set(err, "no memory");
    }
    uv_timer_init(options->loop, &api->waiter_timer);
    uv_timer_init(options->loop, &api->stream_timer);
    api->waiter_timer.data = api->stream_timer.data = api;
    api->open_handles = 2;
    if (catalogue_init(&api->catalogue, options->data_dir, err) < 0 ||
        create_limits(api, err) < 0 || load(api, err) < 0) {
        api_destroy(api);
        return -1;
    }
    *ret_api = api;
    return 0;
}

static void free_memory(struct api *api)
{
    free(api->counts);
    free(api);
}

static void free_api(uv_handle_t *handle)
{
    struct api *api = handle->data;
    if (--api->open_handles == 0)
        free_memory(api);
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    orders_finish(api);
    usher_finish(api);
    queue_detach_all(api);
    catalogue_finish(&api->catalogue);
    challenges_destroy(api->challenges);
    velocity_destroy(api->velocity);
    hurdle_finish(api);
    leaving_destroy(api->leaving);
    limiter_destroy(api->by_patience);
    limiter_destroy(api->by_session);
    limiter_destroy(api->by_network);
    limiter_destroy(api->by_guess);
    /* The memory goes when the loop has let go of the timers; a host that closed all handles of its
     * loop has run it since. */
    if (uv_is_closing((uv_handle_t *)&api->waiter_timer)) {
        free_memory(api);
        return;
    }
    uv_close((uv_handle_t *)&api->waiter_timer, free_api);
    uv_close((uv_handle_t *)&api->stream_timer, free_api);
}

void *api_host(const struct api *api)
{
    return api->options.host;
}

void api_set_server(struct api *api, struct http_server *server)
{
    api->server = server;
}

bool api_idle(const struct api *api)
{
    return api->pool_work == 0;
}

void api_drain(struct api *api)
{
    api->draining = true;
    orders_drain(api);
}

/* ---- the journal's news ---- */

static void take_directory(struct api *api, const struct engine_entry *entry)
{
    struct directory_entry taken;
    if (!directory_entry_decode(entry->bytes, &taken))
        return;
    struct err err;
    int result = 0;
    if (taken.number == DIRECTORY_ENTRY_event_listed)
        result = take_document(api, taken.event_listed.partition, taken.event_listed.event_random,
                               taken.event_listed.document, &err);
    else if (taken.number == DIRECTORY_ENTRY_event_revised)
        result = take_document(api, taken.event_revised.partition, 0, taken.event_revised.document,
                               &err);
    if (result < 0)
        report(api, &err);
}

void api_entry(struct api *api, const struct engine_entry *entry)
{
    struct views_entry taken = {entry->seq, entry->partition, entry->ts_us, entry->bytes};
    views_take(api->options.views, &taken);
    if (entry->partition == 0) {
        take_directory(api, entry);
        return;
    }
    if (entry->partition & ENGINE_QUEUE) {
        queue_entry(api, entry);
        return;
    }
    orders_entry(api, entry);
    usher_entry(api, entry);
    hurdle_entry(api, entry);
    stream_entry(api, entry);
    codes_entry(api, entry->partition, record_number(entry->bytes));
}

void api_committed(struct api *api)
{
    struct engine *engine = api->options.engine;
    views_flush(api->options.views, engine_last_seq(engine), engine_now(engine));
}

/* ---- what handlers share ---- */

struct api_event *api_event(struct http_exchange *x)
{
    struct id id;
    if (id_parse(ID_EVENT, http_param(x, "id"), &id)) {
        struct api_event *event = catalogue_event(&api_of(x)->catalogue, id.partition);
        if (event && id.slot == 0 && event->random == id.random)
            return event;
    }
    problem_answer(x, PROBLEM_EVENT_NOT_FOUND, 0, "There is no event of this id");
    return NULL;
}

bool api_plan_is_changing(const struct api *api, const struct api_event *event,
                          const struct booking *booking)
{
    const struct board *board = engine_board(api->options.engine, event->partition);
    return board && board->plan_version != booking_event(booking).plan_version;
}

const struct booking *api_booking(struct http_exchange *x, struct api_event **ret_event)
{
    struct api_event *event = api_event(x);
    if (!event)
        return NULL;
    const struct booking *booking = engine_booking(api_of(x)->options.engine, event->partition);
    if (!booking) {
        problem_answer(x, PROBLEM_EVENT_NOT_FOUND, 0, "There is no event of this id");
        return NULL;
    }
    if (api_plan_is_changing(api_of(x), event, booking)) {
        problem_answer(x, PROBLEM_BUSY, engine_barrier(api_of(x)->options.engine),
                       "The seating plan is just being changed");
        return NULL;
    }
    *ret_event = event;
    return booking;
}

void api_answer_json(struct http_exchange *x, int status, const struct buf *body, uint64_t barrier)
{
    if (body->failed) {
        problem_answer(x, PROBLEM_BUSY, barrier, "There is not enough memory at the moment");
        return;
    }
    http_answer(x, status, "application/json", buf_slice(body), barrier);
}

void api_tell(struct api *api, const char *what, const char *detail)
{
    if (api->options.told)
        api->options.told(api->options.host, what, detail);
}

struct slice api_etag_of(struct slice bytes, char ret_text[API_ETAG_MAX])
{
    struct hash128 hash = hash128_of(bytes.data, bytes.len);
    int len = snprintf(ret_text, API_ETAG_MAX, "%016llx%016llx", (unsigned long long)hash.high,
                       (unsigned long long)hash.low);
    return slice_make(ret_text, (size_t)len);
}

/* If-None-Match: "*" or a list of ETags, weak or not; ours have no comma inside. */
static bool etag_listed(struct slice list, struct slice quoted)
{
    if (slice_equal(list, SLICE("*")))
        return true;
    return memmem(list.data, list.len, quoted.data, quoted.len) != NULL;
}

bool api_not_modified(struct http_exchange *x, struct slice etag, const char *cache_control,
                      uint64_t barrier)
{
    char quoted[API_ETAG_MAX + 8];
    int len = snprintf(quoted, sizeof quoted, "\"%.*s\"", SLICE_ARG(etag));
    struct slice value = slice_make(quoted, (size_t)len);
    http_add_header(x, "ETag", value);
    http_add_header(x, "Cache-Control", slice_from_string(cache_control));
    struct slice wanted = http_header(x, "if-none-match");
    if (wanted.len == 0 || !etag_listed(wanted, value))
        return false;
    http_answer(x, 304, NULL, SLICE(""), barrier);
    return true;
}

bool api_result_failed(struct http_exchange *x, const struct engine_result *result)
{
    struct api *api = api_of(x);
    api->no_space = result->no_space;
    if (result->no_space)
        problem_answer(
            x, PROBLEM_READ_ONLY, result->barrier,
            "Nothing can be written right now, most likely because the disk is nearly full; "
            "try again in a moment");
    else if (result->no_event)
        problem_answer(x, PROBLEM_EVENT_NOT_FOUND, result->barrier, "There is no event of this id");
    return result->no_space || result->no_event;
}
