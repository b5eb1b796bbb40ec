/* The outbox against a provider of the test's own: a model in memory with Stripe's rules (keys,
 * stored answers, states), a fake clock and faults by chance. Nothing sleeps. */
#ifndef ONSALE_TESTS_EFFECTS_PAYMENTS_WORLD_H
#define ONSALE_TESTS_EFFECTS_PAYMENTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "booking/records.h"
#include "effects/payments.h"
#include "effects/throttle.h"

#include <stdio.h>
#include <stdlib.h>

#define ORDERS 60
#define PENDING_MAX 256
#define KEYS_MAX 4096
#define BODY_MAX 2048
#define REFUNDS_MAX 512
#define NEWS_KINDS 16

enum held { HELD_NONE, HELD_OPEN, HELD_AUTHORISED, HELD_CAPTURED, HELD_CANCELED, HELD_PROCESSING };

struct stored {
    char key[64];
    int status;
    char body[BODY_MAX];
};

struct pending {
    uint64_t ticket, due_us;
    int status; /* 0: lost */
    bool replayed;
    char body[BODY_MAX];
};

struct world {
    struct payments *payments;
    uint64_t now_us, random;
    uint32_t fault_percent;
    bool news_refused_sometimes;
    enum held held[ORDERS];
    int captures[ORDERS]; /* how often money moved */
    int created[ORDERS];  /* intents the provider made for it */
    char intents[ORDERS][32];
    struct stored stored[KEYS_MAX];
    size_t stored_count;
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    uint64_t sent[100000]; /* when each request went out */
    size_t sent_count, in_flight_most;
    int news[ORDERS][NEWS_KINDS]; /* by kind */
    struct {
        int order, number, attempt;
        const char *status;
    } refunds[REFUNDS_MAX];
    int refund_count;
    const char *refund_status; /* that new ones get */
    bool creates_silent;       /* these alone are not answered */
    char last_key[80];         /* of the last POST */
    uint8_t last_attempt;
    char last_code[STRIPE_CODE_MAX];
    char last_card[STRIPE_FINGERPRINT_MAX + 1];
    char last_url[STRIPE_URL_MAX];
    bool silent; /* the provider is down */
};
#define LONG_US 1000000000000ull /* eleven days */

/* `rate` 0: calls are not limited. */
struct world *world_create(uint64_t seed, uint32_t fault_percent, uint32_t rate);
void world_destroy(struct world *w);

/* A create, capture or cancel. */
void world_owe(struct world *w, uint32_t order, uint8_t kind);
/* Lets time pass until nothing is owed; at most `until_us`. */
void world_run(struct world *w, uint64_t until_us);
/* Time passes whether or not anything is owed. */
void world_wait(struct world *w, uint64_t us);
/* Answers the request that is on its way; 0: there is none. */
int world_answer_next(struct world *w, int status, const char *body);
void world_look_after(struct world *w, uint32_t order, uint64_t silence_us);
void world_watch(struct world *w, uint32_t order);

/* What was told of an order, of all kinds. */
int world_news_count(const struct world *w, int order);

/* As the provider has and writes them. */
void world_add_refund(struct world *w, int order, int number, int attempt, const char *status);
int world_refund_text(const struct world *w, int refund, char *to, size_t size);
void world_intent_body(struct world *w, int order, char body[BODY_MAX]);

#endif
