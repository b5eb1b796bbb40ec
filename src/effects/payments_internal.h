/* internal: calls and where they wait (payments_lanes.c), for the outbox's files only. */
#ifndef ONSALE_EFFECTS_PAYMENTS_INTERNAL_H
#define ONSALE_EFFECTS_PAYMENTS_INTERNAL_H

#include "booking/records.h"
#include "effects/payments.h"
#include "effects/throttle.h"

#define KIND_WATCH 255u /* beside enum booking_call */
#define KIND_TOLD 254u  /* news of a watch that goes on */

enum stage {
    STAGE_ASK,    /* the call itself */
    STAGE_LOOK,   /* learn from the provider's books what became of the call */
    STAGE_FOLLOW, /* a refund that is on its way: what becomes of it */
    STAGE_TELL    /* the answer is known */
};

/* Calls that wait, by what they ask; idle looks only go when nothing else can. */
enum lane { LANE_CREATE, LANE_SETTLE, LANE_READ, LANE_IDLE, LANES };

struct call {
    uint32_t partition, order;
    uint64_t order_random;
    uint8_t kind; /* enum booking_call, or KIND_... */
    uint8_t attempt;
    uint8_t stage;
    uint8_t lane;       /* where it waits */
    bool again;         /* it waits among those that are asked again */
    bool flying;        /* a request is on its way */
    bool dropped;       /* not wanted any more, while in flight */
    bool urgent;        /* a watch that looks in turn with owed calls */
    bool processing;    /* of a watch: the order waits for a bank */
    bool stuck;         /* of a refund: this key brings a stored 5xx */
    uint8_t refund;     /* which of the order's; 0: another kind of call */
    uint8_t answered;   /* the attempt whose refund answered */
    uint8_t refusals;   /* of a cancel, while the intent could be cancelled */
    bool stored;        /* the last refusal came out of the provider's memory */
    uint16_t failures;  /* 5xx in a row under this key */
    uint32_t unknown;   /* unknown answers in a row */
    uint32_t round;     /* suffix of the key */
    uint64_t due_us;    /* when it may be sent */
    uint64_t pause_us;  /* of a watch or a refund that is followed: until the next look */
    size_t heap_at;     /* place in its heap */
    struct call *chain; /* next in the hash bucket, or in the list of those to tell */
    uint8_t news;       /* enum booking_payment */
    int64_t amount_minor;
    char currency[4]; /* of the object that answered */
    char code[STRIPE_CODE_MAX];
    char card[STRIPE_FINGERPRINT_MAX + 1];
    char intent[LIMIT_PAYMENT_ID_BYTES + 1];
    char refund_id[LIMIT_PAYMENT_ID_BYTES + 1];
    char secret[LIMIT_PAYMENT_SECRET_BYTES + 1];
    uint16_t key_len;
    uint32_t body_len;
    char bytes[]; /* key, then body */
};

/* Calls ordered by due_us. */
struct heap {
    struct call **items;
    size_t count, cap;
};

struct flight {
    uint64_t ticket; /* 0: free */
    struct call *call;
    struct throttle_call throttled;
};

struct payments {
    struct stripe_account account;
    struct payments_port port;
    struct throttle throttle;
    uint64_t next_ticket;
    uint32_t max_flights;
    struct heap lanes[LANES][2]; /* asked for the first time, and again */
    struct call *tell, **tell_end;
    struct call **buckets;
    size_t bucket_count, call_count;
    struct payments_counters counters;
    struct flight flights[];
};

/* ---- payments_lanes.c ---- */

/* Room for one more call wherever it may come to wait, and in the table. False: no memory. */
bool lanes_make_room(struct payments *p);
/* The call waits, where its kind and stage say, until it is due. */
void lanes_wait(struct payments *p, struct call *call, uint64_t due_us);
void lanes_leave(struct payments *p, struct call *call);
/* The call whose turn it is at `now_us`; else NULL, and when there will be one. */
struct call *lanes_next(const struct payments *p, uint64_t now_us, uint64_t *ret_wake_us);
struct throttle_call lanes_throttled(const struct call *call);

void table_add(struct payments *p, struct call *call);
void table_remove(struct payments *p, struct call *call);
/* The first call of an order's slot in the table, and the next one. NULL: there are no more. */
struct call *table_first(const struct payments *p, uint32_t partition, uint32_t order);
struct call *table_next(const struct call *call);

/* ---- payments.c ---- */

int payments_make_request(const struct payments *p, const struct call *call,
                          struct stripe_request *ret_request, struct err *err) MUST_USE;
void payments_release(struct payments *p, struct call *call);

/* ---- payments_answer.c ---- */

/* What an answer means for its call, which is in no lane now. */
void payments_hear(struct payments *p, struct call *call, const struct stripe_reply *reply,
                   const struct stripe_answer *answer);

#endif
