#include "app/internal.h"

#include "demo/demo.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>

/* Fills an empty demo house: each event goes through POST /organiser/events like anybody's. */

struct opening {
    uv_work_t work;
    struct house *house;
    char detail[256]; /* why it failed; empty: it did not */
};

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    buf_append(context, data, size * count);
    return size * count;
}

/* Posts to /organiser/events`under`; the answer is appended. False: o->detail says why. */
static bool opening_post(struct opening *o, CURL *curl, size_t index, const char *under,
                         const struct buf *body, int wanted, struct buf *ret_answer)
{
    const struct house *h = o->house;
    char url[256], token[200], key[128];
    (void)snprintf(url, sizeof url, "%s/api/v1/organiser/events%s", h->base_url, under);
    (void)snprintf(token, sizeof token, "Authorization: Bearer %s", h->admin_token);
    (void)snprintf(key, sizeof key, "Idempotency-Key: demo-event-%zu%s", index,
                   *under ? "-promo" : "");
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, token);
    headers = curl_slist_append(headers, key);
    headers = curl_slist_append(headers, "Expect:");
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_answer);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
    long status = 0;
    CURLcode code = body->failed ? CURLE_OUT_OF_MEMORY : curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    bool made = code == CURLE_OK && status == wanted;
    if (!made)
        (void)snprintf(o->detail, sizeof o->detail, "demo event %zu: %s, status %ld", index,
                       curl_easy_strerror(code), status);
    curl_slist_free_all(headers);
    return made;
}

/* The event, then its promo code if it has one. */
static void opening_make(struct opening *o, CURL *curl, size_t index)
{
    BUF_AUTO struct buf event = BUF_INIT, promo = BUF_INIT, answer = BUF_INIT;
    char under[128];
    demo_event_json(index, clock_wall_us(), &event);
    demo_promo_json(index, &promo);
    if (!opening_post(o, curl, index, "", &event, 201, &answer) || promo.len == 0)
        return;
    json_t *made = json_loadb(answer.data, answer.len, 0, NULL);
    const char *id = json_string_value(json_object_get(made, "id"));
    (void)snprintf(under, sizeof under, "/%s/promo_codes", id ? id : "");
    json_decref(made);
    (void)opening_post(o, curl, index, under, &promo, 200, &answer);
}

static void opening_work(uv_work_t *work)
{
    struct opening *o = work->data;
    CURL *curl = curl_easy_init();
    for (size_t i = 0; curl && i < demo_event_count() && !*o->detail; i++)
        opening_make(o, curl, i);
    curl_easy_cleanup(curl);
}

static void opening_done(uv_work_t *work, int status)
{
    struct opening *o = work->data;
    if (status != 0 || *o->detail)
        (void)printf("The demo's events could not be made: %s\n",
                     status != 0 ? uv_strerror(status) : o->detail);
    else
        (void)printf(
            "%zu events are on sale at %s\n"
            "Access code to try: %s keeps seats for %s\n"
            "Promo code to try: %s takes %d %% off %s, where 4 on the floor cost what 3 do\n"
            "Waiting room to try: %s, in two private windows\n",
            demo_event_count(), o->house->base_url, DEMO_CODE_EVENT, DEMO_CODE, DEMO_PROMO,
            DEMO_PROMO_PERCENT, DEMO_PROMO_EVENT, DEMO_WAITING_EVENT);
    (void)fflush(stdout);
    free(o);
}

void opening_start(struct house *h)
{
    struct opening *o = calloc(1, sizeof *o);
    if (!o)
        return;
    o->house = h;
    o->work.data = o;
    (void)uv_queue_work(&h->loop, &o->work, opening_work, opening_done);
}
