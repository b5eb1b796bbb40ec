#include "api/captcha_hurdle.h"

#include "base/time.h"

#include <stdlib.h>

/* After so many times without an answer in a row nobody is sent to the provider for a while: each
 * would solve a widget for nothing, and wait. */
#define FAILURES_IN_A_ROW 3u
#define REST_SECONDS 15u
#define TELL_EVERY_SECONDS 60u

static uint64_t now_us(void)
{
    return uv_hrtime() / 1000;
}

bool captcha_hurdle_stands(const struct api *api)
{
    return api->options.captcha && now_us() >= api->captcha.rests_until_us;
}

void captcha_hurdle_write(struct api *api, struct json *j, const char *name)
{
    const struct captcha_settings *settings = api->options.captcha;
    api->captcha.asked++;
    json_put_object(j, name);
    json_put_string(j, "kind", "captcha");
    json_put_string(j, "provider", captcha_provider_name(settings->provider));
    json_put_string(j, "site_key", settings->site_key);
    json_end(j);
}

/* Once in a while, or a provider that is down for an hour would fill the log. */
static void tell(struct api *api, int status)
{
    struct api_captcha *c = &api->captcha;
    uint64_t now = now_us();
    c->untold++;
    if (c->told_at_us && now < c->told_at_us + TELL_EVERY_SECONDS * TIME_SECOND_US)
        return;
    char detail[160];
    (void)snprintf(detail, sizeof detail,
                   "%s could not say whether %u visitors are people (the last answer's status: %d; "
                   "0 is none): they are asked for work",
                   captcha_provider_name(api->options.captcha->provider), c->untold, status);
    c->told_at_us = now;
    c->untold = 0;
    api_tell(api, "captcha_unavailable", detail);
}

static void note(struct api *api, enum captcha_verdict verdict, int status)
{
    struct api_captcha *c = &api->captcha;
    c->verdicts[verdict]++;
    if (verdict != CAPTCHA_UNAVAILABLE) {
        c->failures = 0;
        return;
    }
    if (++c->failures >= FAILURES_IN_A_ROW)
        c->rests_until_us = now_us() + REST_SECONDS * TIME_SECOND_US;
    tell(api, status);
}

struct showing {
    struct api *api;
    struct http_exchange *x;
};

static void shown(void *context, int status, struct slice body)
{
    struct showing showing = *(struct showing *)context;
    struct api *api = showing.api;
    free(context);
    api->pool_work--;
    enum captcha_verdict verdict = captcha_read(api->options.captcha, status, body);
    note(api, verdict, status);
    if (!api->server)
        return; /* the exchange went with it */
    ((struct api_caller *)http_context(showing.x))->captcha = verdict;
    http_route_of(showing.x)->handler(showing.x);
}

static bool post(struct http_exchange *x, struct slice body)
{
    struct api *api = api_of(x);
    const struct captcha_port *port = &api->options.captcha_port;
    struct showing *showing = malloc(sizeof *showing);
    if (!showing)
        return false;
    *showing = (struct showing){api, x};
    if (!port->post(port->host, captcha_url(api->options.captcha), body, shown, showing)) {
        free(showing);
        return false;
    }
    api->pool_work++;
    return true;
}

enum captcha_verdict captcha_hurdle_show(struct http_exchange *x, struct slice token)
{
    struct api *api = api_of(x);
    if (api_caller(x)->captcha != CAPTCHA_OPEN)
        return api_caller(x)->captcha;
    if (!captcha_hurdle_stands(api))
        return CAPTCHA_UNAVAILABLE;
    BUF_AUTO struct buf body = BUF_INIT;
    if (!captcha_request(api->options.captcha, token, &body)) {
        api->captcha.verdicts[CAPTCHA_REFUSED]++;
        return CAPTCHA_REFUSED;
    }
    if (!body.failed && post(x, buf_slice(&body)))
        return CAPTCHA_OPEN;
    api->captcha.busy++;
    return CAPTCHA_UNAVAILABLE;
}
