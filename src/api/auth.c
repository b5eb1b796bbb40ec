/* auth: who calls, and whether often enough: the hook before every handler. */
#include "api/auth.h"

#include "api/context.h"
#include "base/time.h"
#include "guard/networks.h"
#include "keys/queue_token.h"
#include "routes.gen.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

#define COOKIE_PLAIN "onsale_session"
#define COOKIE_HOST "__Host-onsale_session"

/* The token of "Authorization: Bearer ..."; empty when there is none. */
static struct slice bearer(const struct http_exchange *x)
{
    struct slice value = http_header(x, "authorization");
    if (value.len > 7 && strncasecmp(value.data, "bearer ", 7) == 0)
        return slice_make(value.data + 7, value.len - 7);
    return SLICE("");
}

static bool is_organiser(const struct api *api, struct slice token)
{
    struct slice wanted = slice_from_string(api->options.admin_token);
    return wanted.len > 0 && keys_constant_equal(wanted, token);
}

int api_admit(const struct http_exchange *x)
{
    /* What is no larger than any other body is refused by the hook before the handler, which has
     * the better words. */
    struct slice length = http_header(x, "content-length");
    size_t bytes = 0;
    for (size_t i = 0; i < length.len && bytes <= LIMIT_BODY_BYTES; i++)
        bytes = bytes * 10 + (size_t)(length.data[i] - '0');
    if (length.len > 0 && bytes <= LIMIT_BODY_BYTES)
        return 0;
    return is_organiser(http_user(x), bearer(x)) ? 0 : 401;
}

/* Secure, and bound to the host, wherever browsers accept that: behind TLS and on localhost. */
static bool secure_cookies(const struct http_exchange *x)
{
    const char *url = api_of((struct http_exchange *)(uintptr_t)x)->options.public_url;
    if (url && strncmp(url, "https://", 8) == 0)
        return true;
    if (slice_equal(http_header(x, "x-forwarded-proto"), SLICE("https")))
        return true;
    struct slice host = http_header(x, "host");
    return slice_equal(host, SLICE("localhost")) || slice_starts_with(host, SLICE("localhost:"));
}

/* Where the cookie is bound to the host, one that is not may be a neighbour's: whoever owns another
 * name of the domain could lay a session of theirs under a buyer. */
static struct slice session_cookie(const struct http_exchange *x)
{
    struct slice token = http_cookie(x, COOKIE_HOST);
    return token.len || secure_cookies(x) ? token : http_cookie(x, COOKIE_PLAIN);
}

/* The session's token as it came; *ret_by_cookie: without a bearer token, as a browser sends it by
 * itself. Empty: none. */
static struct slice session_text(const struct http_exchange *x, bool *ret_by_cookie)
{
    struct slice token = bearer(x);
    *ret_by_cookie = token.len == 0;
    return token.len ? token : session_cookie(x);
}

/* Which session asks about which event; false: none that could be anything here. */
static bool read_owner(const struct http_exchange *x, struct id *ret_event,
                       struct hash16 *ret_session)
{
    const struct api *api = http_user(x);
    bool by_cookie;
    struct session session;
    if (!id_parse(ID_EVENT, http_param(x, "id"), ret_event) ||
        session_verify(api->options.keys, session_text(x, &by_cookie),
                       api->options.wall_us(api->options.host), &session) != SESSION_OK)
        return false;
    *ret_session = session.hash;
    return true;
}

/* Whether a genuine admission came along, of this session and for this event; one whose time is
 * over counts too, `admission_check` looks closer. */
static bool shows_admission(const struct http_exchange *x)
{
    const struct api *api = http_user(x);
    struct slice text = http_header(x, "onsale-admission");
    struct id event;
    struct queue_token_bearer owner;
    struct queue_token_admission admission;
    if (text.len == 0 || !read_owner(x, &event, &owner.session))
        return false;
    owner.event_random = event.random;
    enum queue_token_verdict verdict = queue_token_read_admission(
        api->options.keys, text, &owner, api->options.wall_us(api->options.host), &admission);
    return verdict == QUEUE_TOKEN_OK || verdict == QUEUE_TOKEN_EXPIRED;
}

/* Whether its turn has come: it may claim now. */
static bool is_called(const struct http_exchange *x)
{
    const struct engine *engine = ((const struct api *)http_user(x))->options.engine;
    struct id event;
    struct hash16 session;
    struct queue_place place;
    if (!read_owner(x, &event, &session))
        return false;
    const struct queue *q = engine_queue(engine, event.partition);
    return q && queue_place_of(q, session, engine_now(engine), &place) &&
           (place.state == QUEUE_PLACE_CALLED || place.state == QUEUE_PLACE_ADMITTED);
}

bool api_shed(const struct http_exchange *x)
{
    const struct http_route *route = http_route_of(x);
    enum http_method method = http_method(x);
    /* Pages and the waiting room's status lie ready in memory: a refusal would cost as much. */
    if (!route || route->handler == api_queue_get)
        return method != HTTP_METHOD_GET && method != HTTP_METHOD_HEAD;
    /* The provider and those who run the house. */
    if (route->roles & API_ROLE_PROVIDER || strncmp(route->pattern, "/api/", 5) != 0 ||
        is_organiser(http_user(x), bearer(x)))
        return false;
    /* Called, admitted, or at a hold, an order or tickets of their own. */
    if (route->handler == api_queue_claim)
        return !is_called(x);
    static void (*const own[])(struct http_exchange *) = {
        api_hold_get,       api_hold_update,       api_hold_delete,  api_hold_leave,
        api_hold_promo_set, api_hold_promo_delete, api_order_create, api_order_get,
        api_order_cancel,   api_ticket_get,        api_ticket_svg,   api_ticket_png};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (route->handler == own[i])
            return false;
    }
    return !shows_admission(x);
}

static void read_caller(struct http_exchange *x, struct api_caller *ret_caller)
{
    struct api *api = api_of(x);
    struct slice token = bearer(x);
    ret_caller->is_organiser = token.len > 0 && is_organiser(api, token);
    if (ret_caller->is_organiser)
        return;
    token = session_text(x, &ret_caller->by_cookie);
    if (token.len == 0)
        return;
    uint64_t now_us = api->options.wall_us(api->options.host);
    ret_caller->has_session =
        session_verify(api->options.keys, token, now_us, &ret_caller->session) == SESSION_OK;
}

bool auth_visitor(struct http_exchange *x, struct hash16 *ret_session)
{
    struct api_caller caller = {0};
    read_caller(x, &caller);
    *ret_session = caller.session.hash;
    return caller.has_session;
}

/* ---- pages of others ---- */

bool auth_from_elsewhere(const struct auth_origin *o)
{
    if (o->fetch_site.len)
        return !slice_equal(o->fetch_site, SLICE("same-origin")) &&
               !slice_equal(o->fetch_site, SLICE("none"));
    if (o->origin.len == 0)
        return false;
    struct slice ours = o->public_url ? slice_from_string(o->public_url) : SLICE("");
    while (ours.len && ours.data[ours.len - 1] == '/')
        ours.len--;
    if (ours.len && slice_equal(o->origin, ours))
        return false;
    const char *host = memmem(o->origin.data, o->origin.len, "://", 3);
    if (!host)
        return true; /* "null": a sandboxed frame, a file */
    size_t before = (size_t)(host + 3 - o->origin.data);
    return !slice_equal(slice_make(host + 3, o->origin.len - before), o->host);
}

/* Browsers send a cookie along whatever page asks: it changes nothing for another origin's. */
static bool is_forged(struct http_exchange *x, const struct api_caller *caller)
{
    enum http_method method = http_method(x);
    struct auth_origin origin = {.fetch_site = http_header(x, "sec-fetch-site"),
                                 .origin = http_header(x, "origin"),
                                 .host = http_header(x, "host"),
                                 .public_url = api_of(x)->options.public_url};
    return caller->has_session && caller->by_cookie && method != HTTP_METHOD_GET &&
           method != HTTP_METHOD_HEAD && auth_from_elsewhere(&origin);
}

/* ---- limits ---- */

static void refuse_often(struct http_exchange *x, const char *whose, uint64_t wait_us)
{
    char seconds[24], extra[48];
    unsigned long long wait = wait_us / TIME_SECOND_US + 1;
    int len = snprintf(seconds, sizeof seconds, "%llu", wait);
    int extra_len = snprintf(extra, sizeof extra, "\"retry_after\":%llu", wait);
    http_add_header(x, "Retry-After", slice_make(seconds, (size_t)len));
    api_of(x)->limited++;
    char detail[128];
    int detail_len =
        snprintf(detail, sizeof detail, "This %s asks more often than is allowed", whose);
    problem_answer_extra(x, PROBLEM_RATE_LIMITED, 0, slice_make(detail, (size_t)detail_len),
                         slice_make(extra, (size_t)extra_len));
}

static bool within_limits(struct http_exchange *x, const struct api_caller *caller)
{
    struct api *api = api_of(x);
    if (!api->by_session && !api->by_network)
        return true;
    const struct api_options *o = &api->options;
    uint64_t now_us = uv_hrtime() / 1000, wait_us = 0;
    struct http_address client = http_client(x);
    if (api->by_network &&
        !limiter_allow(api->by_network, network_key(client.bytes), o->limit_network_per_second,
                       o->limit_network_per_second, now_us, &wait_us)) {
        refuse_often(x, "network", wait_us);
        return false;
    }
    uint64_t key;
    memcpy(&key, caller->session.hash.bytes, sizeof key);
    if (api->by_session && caller->has_session &&
        !limiter_allow(api->by_session, key, o->limit_session_per_second,
                       o->limit_session_per_second, now_us, &wait_us)) {
        refuse_often(x, "session", wait_us);
        return false;
    }
    return true;
}

/* One wrong code a second from one network, and thirty at once: a hall full of people may mistype
 * theirs, and a code of six letters stands for ten years. */
#define GUESSES_PER_SECOND 1u
#define GUESSES_AT_ONCE 30u

/* An organiser's list of codes may have wrong ones in it. */
static bool guesses_count(struct http_exchange *x)
{
    return api_of(x)->by_guess && !api_caller(x)->is_organiser;
}

bool auth_may_guess(struct http_exchange *x)
{
    struct api *api = api_of(x);
    struct http_address client = http_client(x);
    uint64_t wait_us = 0;
    if (!guesses_count(x) ||
        limiter_would_allow(api->by_guess, network_key(client.bytes), GUESSES_PER_SECOND,
                            GUESSES_AT_ONCE, uv_hrtime() / 1000, &wait_us))
        return true;
    refuse_often(x, "network", wait_us);
    return false;
}

void auth_guessed_wrong(struct http_exchange *x)
{
    struct api *api = api_of(x);
    struct http_address client = http_client(x);
    uint64_t wait_us;
    if (guesses_count(x))
        (void)limiter_allow(api->by_guess, network_key(client.bytes), GUESSES_PER_SECOND,
                            GUESSES_AT_ONCE, uv_hrtime() / 1000, &wait_us);
}

/* ---- the hook ---- */

static bool allowed(struct http_exchange *x, uint32_t roles, const struct api_caller *caller)
{
    if (roles & (API_ROLE_PUBLIC | API_ROLE_PROVIDER))
        return true;
    if (roles & API_ROLE_BUYER && caller->has_session)
        return true;
    if (roles & API_ROLE_ORGANISER && caller->is_organiser)
        return true;
    if (roles & API_ROLE_BUYER)
        problem_answer(x, PROBLEM_UNAUTHENTICATED, 0,
                       "A session is needed: POST /api/v1/sessions gives one");
    else if (caller->has_session && bearer(x).len > 0)
        problem_answer(x, PROBLEM_FORBIDDEN, 0, "A buyer's session cannot do this");
    else
        problem_answer(x, PROBLEM_UNAUTHENTICATED, 0, "An organiser's bearer token is needed");
    return false;
}

bool api_before(struct http_exchange *x)
{
    const struct http_route *route = http_route_of(x);
    if (!route)
        return true;
    struct api_caller *caller = http_alloc(x, sizeof *caller);
    *caller = (struct api_caller){0};
    read_caller(x, caller);
    http_set_context(x, caller);
    if (route->roles & API_ROUTE_DEMO && !api_of(x)->options.demo) {
        problem_answer(x, PROBLEM_NOT_FOUND, 0, "This exists in the demo only");
        return false;
    }
    /* The provider, the organiser and those who watch the node are few and known. */
    bool counted = !(route->roles & API_ROLE_PROVIDER) && !caller->is_organiser &&
                   strncmp(route->pattern, "/api/", 5) == 0;
    if (counted && !within_limits(x, caller))
        return false;
    if (is_forged(x, caller)) {
        problem_answer(x, PROBLEM_FORBIDDEN, 0, "A page of another origin cannot do this");
        return false;
    }
    return allowed(x, route->roles, caller);
}

/* ---- POST /sessions ---- */

void api_session_create(struct http_exchange *x)
{
    const struct api_caller *caller = api_caller(x);
    struct api *api = api_of(x);
    char token[SESSION_TEXT_MAX], shown[SESSION_PUBLIC_MAX];
    struct session session = caller->session;
    int status = 200;
    if (caller->has_session) {
        struct slice given = bearer(x);
        if (given.len == 0)
            given = session_cookie(x);
        assert(given.len < sizeof token); /* verified: it has exactly a token's length */
        memcpy(token, given.data, given.len);
        token[given.len] = 0;
    } else {
        session_issue(api->options.keys, api->options.wall_us(api->options.host), token, &session);
        status = 201;
    }
    session_public(&session, shown);

    char cookie[256];
    bool secure = secure_cookies(x);
    int len = snprintf(cookie, sizeof cookie, "%s=%s; Path=/; Max-Age=%u; HttpOnly; SameSite=Lax%s",
                       secure ? COOKIE_HOST : COOKIE_PLAIN, token, LIMIT_SESSION_SECONDS,
                       secure ? "; Secure" : "");
    http_add_header(x, "Set-Cookie", slice_make(cookie, (size_t)len));
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "token", token);
    json_put_string(&j, "session_id", shown);
    json_end(&j);
    api_answer_json(x, status, &body, 0);
}
