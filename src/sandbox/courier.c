#include "sandbox/courier.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

struct letter {
    struct letter *next;
    int64_t ticket;
    int status;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
};

struct courier {
    uv_async_t async; /* answers have come */
    pthread_t thread;
    CURLM *multi; /* the thread's, but for curl_multi_wakeup */
    pthread_mutex_t lock;
    struct letter *out, **out_end; /* locked: to be sent, in order */
    struct letter *in;             /* locked: answered */
    bool stop;                     /* locked */
    void *context;
    void (*done)(void *context, int64_t ticket, int status);
};

static void free_letter(struct letter *letter)
{
    curl_easy_cleanup(letter->easy);
    curl_slist_free_all(letter->headers);
    free(letter->body);
    free(letter);
}

static void free_letters(struct letter *letter)
{
    while (letter) {
        struct letter *next = letter->next;
        free_letter(letter);
        letter = next;
    }
}

/* ---- on the thread ---- */

static size_t ignore_body(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

/* Moves the letters that wait into libcurl's hands; false when the thread shall stop. */
static bool load(struct courier *courier, struct letter **ret_flying)
{
    pthread_mutex_lock(&courier->lock);
    struct letter *letter = courier->out;
    courier->out = NULL;
    courier->out_end = &courier->out;
    bool stop = courier->stop;
    pthread_mutex_unlock(&courier->lock);
    while (letter) {
        struct letter *next = letter->next;
        curl_multi_add_handle(courier->multi, letter->easy);
        letter->next = *ret_flying;
        *ret_flying = letter;
        letter = next;
    }
    return !stop;
}

static void collect(struct courier *courier, struct letter **flying)
{
    CURLMsg *message;
    int left;
    bool any = false;
    while ((message = curl_multi_info_read(courier->multi, &left))) {
        struct letter *letter = NULL, **at = flying;
        long status = 0;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &letter);
        if (message->data.result == CURLE_OK)
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(courier->multi, letter->easy);
        while (*at && *at != letter)
            at = &(*at)->next;
        assert(*at); /* it is one of those that were loaded */
        *at = letter->next;
        letter->status = (int)status;
        pthread_mutex_lock(&courier->lock);
        letter->next = courier->in;
        courier->in = letter;
        pthread_mutex_unlock(&courier->lock);
        any = true;
    }
    if (any)
        uv_async_send(&courier->async);
}

static void *carry(void *argument)
{
    struct courier *courier = argument;
    struct letter *flying = NULL;
    while (load(courier, &flying)) {
        int running;
        curl_multi_perform(courier->multi, &running);
        collect(courier, &flying);
        curl_multi_poll(courier->multi, NULL, 0, 1000, NULL);
    }
    for (struct letter *letter = flying; letter; letter = letter->next)
        curl_multi_remove_handle(courier->multi, letter->easy);
    free_letters(flying);
    return NULL;
}

/* ---- on the loop ---- */

static void on_answers(uv_async_t *async)
{
    struct courier *courier = async->data;
    pthread_mutex_lock(&courier->lock);
    struct letter *letter = courier->in;
    courier->in = NULL;
    pthread_mutex_unlock(&courier->lock);
    while (letter) {
        struct letter *next = letter->next;
        courier->done(courier->context, letter->ticket, letter->status);
        free_letter(letter);
        letter = next;
    }
}

int courier_create(uv_loop_t *loop, void *context,
                   void (*done)(void *context, int64_t ticket, int status),
                   struct courier **ret_courier, struct err *err)
{
    struct courier *courier = calloc(1, sizeof *courier);
    if (!courier)
        return err_set(err, "no memory for the courier of webhooks");
    courier->context = context;
    courier->done = done;
    courier->out_end = &courier->out;
    courier->multi = curl_multi_init();
    if (!courier->multi || uv_async_init(loop, &courier->async, on_answers) < 0) {
        curl_multi_cleanup(courier->multi);
        free(courier);
        return err_set(err, "no memory for the courier of webhooks");
    }
    courier->async.data = courier;
    pthread_mutex_init(&courier->lock, NULL);
    if (pthread_create(&courier->thread, NULL, carry, courier) != 0) {
        courier->stop = true; /* no thread to join */
        courier_destroy(courier);
        return err_set(err, "no thread for the courier of webhooks");
    }
    *ret_courier = courier;
    return 0;
}

static bool prepare(struct letter *letter, const struct courier_letter *from)
{
    char line[256];
    (void)snprintf(line, sizeof line, "Stripe-Signature: %s", from->signature);
    const char *const lines[] = {"Content-Type: application/json; charset=utf-8", "Expect:", line};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct curl_slist *longer = curl_slist_append(letter->headers, lines[i]);
        if (!longer)
            return false;
        letter->headers = longer;
    }
    letter->body = malloc(from->body.len + 1);
    letter->easy = curl_easy_init();
    if (!letter->body || !letter->easy)
        return false;
    memcpy(letter->body, from->body.data, from->body.len);
    CURL *easy = letter->easy;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)from->body.len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, letter->body);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, letter->headers);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, letter);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, COURIER_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "onsale-sandbox");
    return curl_easy_setopt(easy, CURLOPT_URL, from->url) == CURLE_OK;
}

bool courier_send(struct courier *courier, const struct courier_letter *from)
{
    struct letter *letter = calloc(1, sizeof *letter);
    if (!letter)
        return false;
    letter->ticket = from->ticket;
    if (!prepare(letter, from)) {
        free_letter(letter);
        return false;
    }
    pthread_mutex_lock(&courier->lock);
    *courier->out_end = letter;
    courier->out_end = &letter->next;
    pthread_mutex_unlock(&courier->lock);
    curl_multi_wakeup(courier->multi);
    return true;
}

static void async_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void courier_destroy(struct courier *courier)
{
    if (!courier)
        return;
    if (!courier->stop) {
        pthread_mutex_lock(&courier->lock);
        courier->stop = true;
        pthread_mutex_unlock(&courier->lock);
        curl_multi_wakeup(courier->multi);
        pthread_join(courier->thread, NULL);
    }
    free_letters(courier->out);
    free_letters(courier->in);
    curl_multi_cleanup(courier->multi);
    pthread_mutex_destroy(&courier->lock);
    uv_close((uv_handle_t *)&courier->async, async_closed);
}
