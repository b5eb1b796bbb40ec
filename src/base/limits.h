/*
 * limits: every bound of the house in one place, with how they relate (style rule 9). A limit that
 * an organiser may set lower is named in the comment.
 */
#ifndef ONSALE_BASE_LIMITS_H
#define ONSALE_BASE_LIMITS_H

/* One event. */
#define LIMIT_UNITS 1048576u /* seats and general-admission units */
#define LIMIT_AREAS 64u      /* general-admission areas */
#define LIMIT_SECTIONS 4096u /* zones of a plan */
#define LIMIT_PRICE_CATEGORIES 64u
#define LIMIT_HOLD_UNITS 16u           /* units in a hold; limits.per_hold may be lower */
#define LIMIT_SESSION_HOLDS 3u         /* live holds of one session in one event */
#define LIMIT_LEAVING 16384u           /* holds whose buyers closed the page, remembered at once */
#define LIMIT_BUYER_UNITS 1000u        /* limits.per_buyer may be lower */
#define LIMIT_HOLD_SECONDS 86400u      /* hold_seconds and pay_seconds */
#define LIMIT_PAYMENT_ATTEMPTS 20u     /* declined cards before an order is failed */
#define LIMIT_PRICE_MINOR 4000000000ll /* a price, and a discount, fit in 32 bits */
#define LIMIT_PRICE_RULES 64u
#define LIMIT_PACKAGES 16u
#define LIMIT_DISPUTES 4096u              /* that one event can keep */
#define LIMIT_CASE_SECONDS 86400u         /* until an order sold and not captured is released */
#define LIMIT_CASE_NOTE_SECONDS 60u       /* between two TimePassed while one waits for that */
#define LIMIT_PROCESSING_SECONDS 1209600u /* 14 days for a bank */
#define LIMIT_NOTE_BYTES 500u             /* what a person writes beside a refund or a case */
#define LIMIT_BY_BYTES 64u                /* and who it is */
#define LIMIT_TICK_CASES 64u
#define LIMIT_ALLOCATIONS 63u /* of one event; a set of them is a word, bit 0 is everybody */
#define LIMIT_QUOTAS 32u
#define LIMIT_COMMAND_CODES 4096u /* access codes in one change */
#define LIMIT_ALLOCATION_ID_BYTES 40u
#define LIMIT_CODE_BYTES 64u /* an access code as a buyer types it */

/* The waiting room of one event. */
#define LIMIT_QUEUE_PLACES 16777216u /* in the general lane; 2^24, the draw's largest domain */
#define LIMIT_QUEUE_PRIORITY_PLACES 1048576u    /* in the priority lane */
#define LIMIT_QUEUE_ADMISSIONS 65536u           /* at once */
#define LIMIT_QUEUE_CODES (LIMIT_UNITS + 1024u) /* numbers of access codes, from 1: an event's */
#define LIMIT_QUEUE_TARGET 50000u               /* target_active */
#define LIMIT_QUEUE_CALLS 2048u                 /* calls whose time still runs */
#define LIMIT_QUEUE_CALL_RANKS 65536u           /* that one command goes through */
#define LIMIT_QUEUE_TICK_ENDS 256u              /* admissions and calls that one tick ends */
#define LIMIT_QUEUE_ENTRIES 264u                /* entries of one decision */
#define LIMIT_QUEUE_PER_MINUTE 600000u
#define LIMIT_QUEUE_CLAIM_SECONDS 3600u
#define LIMIT_QUEUE_ADMISSION_SECONDS 7200u

/* The node. */
#define LIMIT_EVENTS 32768u
#define LIMIT_BATCH_BYTES (8u * 1024 * 1024)  /* one group commit */
#define LIMIT_ENTRY_BYTES (48u * 1024 * 1024) /* one entry; only EventCreated comes near */
#define LIMIT_DECISION_ENTRIES 832u           /* entries of one decision */
#define LIMIT_TICK_EXPIRIES 256u              /* holds that one tick expires */
#define LIMIT_CALL_TEXT 640u                  /* key and body of one call to the provider */
#define LIMIT_DECISION_TEXT (340u * LIMIT_CALL_TEXT)

/* The journal. */
#define LIMIT_ROW_BYTES (64u * 1024 * 1024) /* one row: a group commit and its frame headers */
_Static_assert(LIMIT_ENTRY_BYTES + LIMIT_BATCH_BYTES < LIMIT_ROW_BYTES, "any batch fits in a row");

/* Texts, in bytes of UTF-8. */
#define LIMIT_NAME_BYTES 200u
#define LIMIT_EMAIL_BYTES 254u     /* RFC 5321 path limit */
#define LIMIT_CONTACT_BYTES 1024u  /* ciphertext of name and e-mail */
#define LIMIT_PAYMENT_ID_BYTES 64u /* a provider's intent id */
#define LIMIT_PAYMENT_SECRET_BYTES 128u
#define LIMIT_SEAT_GUID_BYTES 64u
#define LIMIT_IDEMPOTENCY_KEY_BYTES 255u

/* Seating plans. */
#define LIMIT_PLAN_COORDINATE 1000000u /* a position is within +- this many units */
#define LIMIT_PLAN_RADIUS 10000u       /* a seat's radius */
#define LIMIT_PLAN_SHAPES 65536u       /* drawn areas */
#define LIMIT_PLAN_POINTS 4096u        /* corners of one polygon */
#define LIMIT_PLAN_LABEL_BYTES 64u     /* row and seat numbers, ids, colours */
#define LIMIT_PLAN_AMENITIES 16u       /* of one seat */
#define LIMIT_PLAN_PROBLEMS 1000u      /* culprits named before only their number is told */

/* Keys (keys/). */
#define LIMIT_SESSION_SECONDS 34560000u /* 400 days: how long browsers keep a cookie at most */
#define LIMIT_PEOPLE_PENDING 1024u      /* new people whose keys wait for one commit */
#define LIMIT_TICKET_KEYS 255u          /* of one event, one after another; a key id is a byte */

/* HTTP (architecture 12). */
#define LIMIT_HEADER_BYTES 8192u
#define LIMIT_HEADER_FIELDS 64u
#define LIMIT_URI_BYTES 4096u
#define LIMIT_BODY_BYTES 65536u
#define LIMIT_PLAN_BODY_BYTES (64u * 1024 * 1024)
#define LIMIT_JSON_DEPTH 16u
#define LIMIT_CAPTCHA_CALLS 256u /* captchas that their provider is asked about at once */
#define LIMIT_HEADER_SECONDS 10u
#define LIMIT_BODY_SECONDS 20u
#define LIMIT_IDLE_SECONDS 75u
#define LIMIT_PIPELINE 16u                            /* unanswered requests of one connection */
#define LIMIT_LARGE_BODIES_BYTES (256u * 1024 * 1024) /* all over LIMIT_BODY_BYTES together */
#define LIMIT_BODY_BYTES_PER_SECOND (256u * 1024)     /* slower uploads end at LIMIT_BODY_SECONDS */

_Static_assert(LIMIT_URI_BYTES < LIMIT_HEADER_BYTES, "a request line fits in a header block");
_Static_assert(LIMIT_PLAN_BODY_BYTES <= LIMIT_LARGE_BODIES_BYTES, "one plan upload always fits");
_Static_assert(LIMIT_HOLD_UNITS <= 32, "a hold's units fit in one machine word of a bitset");
_Static_assert(LIMIT_HOLD_UNITS <= LIMIT_BUYER_UNITS, "one hold is within a buyer's limit");
_Static_assert(LIMIT_UNITS < 1u << 28, "a unit, hold or order slot fits in 28 bits of a unit word");
_Static_assert(LIMIT_DECISION_ENTRIES > 2 * LIMIT_TICK_EXPIRIES + LIMIT_ALLOCATIONS +
                                            2 * LIMIT_HOLD_UNITS + 3 * LIMIT_TICK_CASES,
               "releases, a tick's expiries and cases, and a hold fit in a decision");
_Static_assert(LIMIT_DECISION_TEXT >=
                   (LIMIT_TICK_EXPIRIES + LIMIT_TICK_CASES + LIMIT_HOLD_UNITS) * LIMIT_CALL_TEXT,
               "each expiry may owe one call");

#endif
