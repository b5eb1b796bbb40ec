/* provider_private: what the provider's files share: its books, and who may change them. */
#ifndef ONSALE_TESTS_SIM_PROVIDER_PRIVATE_H
#define ONSALE_TESTS_SIM_PROVIDER_PRIVATE_H

#include "host.h"
#include "provider.h"

#define PROVIDER_BODY_MAX 1024u
#define PROVIDER_BUCKETS 4096u

enum intent_state {
    INTENT_OPEN,
    INTENT_ACTION, /* the bank asks the buyer something */
    INTENT_PROCESSING,
    INTENT_RESERVED,
    INTENT_TAKEN,
    INTENT_CANCELLED
};

struct intent {
    uint32_t number, next_of_order; /* 1 + number of another intent of this order; 0: none */
    uint8_t house;                  /* which of the two providers has it */
    struct id order;
    char order_text[ID_TEXT_MAX], event_text[ID_TEXT_MAX];
    enum intent_state state;
    int64_t amount, reserved, received;
    int64_t authorised;                                /* what the last success was about */
    int64_t refunded, refunds_pending, disputed, lost; /* out of what was received */
    uint32_t captures, attempts, declines_told;
    uint32_t card;      /* of the last attempt; 0: none, or one without a fingerprint */
    bool cards, others; /* ways to pay: cards, reserved first; what is charged at once */
    bool at_once;       /* the last attempt charges */
    bool stubborn;      /* it cannot be cancelled */
    uint32_t declines_lost;
    bool disputed_ever, authorised_ever, cancel_asked, meddled, failed_last;
    bool untold;                       /* a webhook got lost which nobody asks about later */
    uint64_t events_made, events_told; /* webhooks, for those that overtake */
    uint64_t created_s;
    /* What was planted (provider_plants.c): a difference; nobody tells of it; no list has it. */
    bool planted, mute, hidden;
};

enum refund_state { REFUND_PENDING, REFUND_PAID, REFUND_FAILED };

struct refund {
    uint32_t intent;
    uint8_t of; /* the order's number of it; 0: nobody asked for it */
    uint8_t attempt;
    enum refund_state state;
    int64_t amount;
    bool fails, paid_ever; /* it will, when it is known */
    bool comes_back;       /* one day */
    bool hidden;           /* no list has it */
    uint64_t created_s;
};

enum dispute_state { DISPUTE_INQUIRY, DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST };

struct dispute {
    uint32_t intent;
    enum dispute_state state;
    int64_t amount;
    uint64_t due_s, created_s;
    bool hidden; /* no list has it */
};

/* An answer kept under an idempotency key. */
struct kept {
    uint64_t key, request;
    int status;
    uint32_t next; /* in its bucket, 1 + index */
    char body[PROVIDER_BODY_MAX];
};

struct order_of {
    struct id order;
    uint32_t first; /* 1 + intent */
    bool refused;
    uint32_t next;
};

/* A webhook that a process heard of. */
struct told {
    uint64_t event, epoch;
};

struct provider {
    struct random random;
    struct intent *intents;
    uint32_t stuck_creates; /* calls for a new intent whose key will answer 500 for ever */
    uint32_t intent_count, intent_capacity;
    struct refund *refunds;
    uint32_t refund_count, refund_capacity;
    struct dispute *disputes;
    uint32_t dispute_count, dispute_capacity;
    struct kept *kept;
    uint32_t kept_count, kept_capacity, kept_bucket[PROVIDER_BUCKETS];
    struct order_of *orders;
    uint32_t order_count, order_capacity, order_bucket[PROVIDER_BUCKETS];
    struct told *told; /* of declines */
    uint32_t told_count, told_capacity;
    struct told *taken; /* webhooks that were acknowledged */
    uint32_t taken_count, taken_capacity;
    uint64_t events; /* webhooks ever made */
    uint32_t under_way;
    uint64_t down_until_us[2]; /* a provider answers nobody */
    struct random plants;
    bool plants_over;
};

/* A request on its way, and then its answer. */
struct parcel {
    uint64_t epoch, ticket, sent_us, kept_key;
    uint8_t house;
    bool post, arrived, answered;
    char path[160], key[272];
    char body[PROVIDER_BODY_MAX];
    int status;
    bool replayed;
    uint32_t retry_after_s;
    char *list; /* an answer that is longer than others, or NULL */
    char reply[PROVIDER_BODY_MAX];
};

/* ---- provider.c ---- */

void *provider_grown(void *list, uint32_t count, uint32_t *capacity, size_t size);
struct order_of *provider_order(struct provider *p, struct id order);
struct intent *provider_intent(struct provider *p, struct slice id);
void provider_intent_id(const struct intent *i, char ret_text[40]);
/* With all of its charge (`whole`), or its name only. */
void provider_write_intent(const struct intent *i, bool whole, char *to, size_t size);
/* A new one; `order` NULL: of none that is known. */
struct intent *provider_intent_make(struct sim *s, struct order_of *order);
void provider_take(struct sim *s, struct intent *i, int64_t amount);
void provider_cancel(struct sim *s, struct intent *i);

/* ---- provider_hooks.c ---- */

/* Sends a webhook, if it is not lost. `type` is whole ("payment_intent.succeeded"). */
void provider_tell(struct sim *s, struct intent *i, const char *type, const char *object);
/* The same for the intent itself: "succeeded". */
void provider_tell_intent(struct sim *s, struct intent *i, const char *type);

/* ---- provider_calls.c ---- */

void provider_answer_error(struct parcel *parcel, int status, const char *type, const char *code);
struct slice provider_form_field(const char *form, const char *name);
int64_t provider_form_number(const char *form, const char *name);

/* ---- provider_refunds.c: refunds and disputes ---- */

/* Answers a request whose path begins with /v1/refunds; `rest` is what follows. */
void provider_refund_request(struct sim *s, struct parcel *parcel, const char *rest);
/* Somebody pays money back at the provider's own pages. */
void provider_refund_unasked(struct sim *s, struct intent *i);
/* Now and then a bank wants money back. */
void provider_dispute_now(struct sim *s);
/* The bank wants it back of this payment, if it can; a question that moves nothing now and then.
 * False: it cannot. */
bool provider_dispute(struct sim *s, struct intent *i, bool may_ask);
int64_t provider_refundable(const struct intent *i);
void provider_write_refund(const struct provider *p, uint32_t number, char *to, size_t size);
void provider_write_dispute(const struct provider *p, uint32_t number, char *to, size_t size);

/* ---- provider_lists.c ---- */

/* Answers with a page of a list; `query` begins behind the question mark. */
void provider_list(struct sim *s, struct parcel *parcel, enum stripe_list list, const char *query);

#endif
