/*
 * queue_token: what a visitor of a waiting room carries: the ticket with its place in the line, and
 * the admission with which it may book. The server stores nothing for them.
 *
 *   byte  0       version, 1
 *   byte  1       kind: 1 ticket, 2 admission
 *   bytes 2-3     key id: the UTC day it was made on, counted from 1970-01-01, big-endian
 *   bytes 4-19    session: its hash (keys/session.h)
 *   bytes 20-27   event: the random half of its id
 *   then          ticket:    lane (1 byte), number (4)
 *                 admission: slot (4), random (8), expires_at in microseconds (8)
 *   last 18       first 18 bytes of HMAC-SHA256(key of the day, "onsale queue token v1" NUL and all
 *                 of the above, field by field with lengths in front)
 *
 * as base64url without padding: 68 and 88 characters. 51 and 66 bytes fill them exactly, so every
 * token has one spelling; anything else is refused.
 *
 * Keys rotate daily: the key of a day is HMAC-SHA256(queue.key, "onsale queue key v1" NUL day).
 * Tokens of QUEUE_TOKEN_DAYS days before today are taken (lobbies open long before the sale), older
 * ones are not. Replacing queue.key makes all of them void at once: visitors then ask for their
 * token again, the places themselves stand in the journal.
 *
 * Thread: one at a time per struct keys (the loop). Reading costs about two microseconds.
 */
#ifndef ONSALE_KEYS_QUEUE_TOKEN_H
#define ONSALE_KEYS_QUEUE_TOKEN_H

#include "base/codec.h"
#include "keys/keys.h"

#define QUEUE_TOKEN_DAYS 35u
#define QUEUE_TOKEN_TICKET_CHARS 68
#define QUEUE_TOKEN_ADMISSION_CHARS 88
#define QUEUE_TOKEN_TEXT_MAX (QUEUE_TOKEN_ADMISSION_CHARS + 1)

/* Who may show a token, and where. */
struct queue_token_bearer {
    struct hash16 session;
    uint64_t event_random;
};

struct queue_token_ticket {
    uint8_t lane;
    uint32_t number;
};

struct queue_token_admission {
    uint32_t slot;
    uint64_t random;
    uint64_t expires_at_us;
};

/* In the order in which they are checked. */
enum queue_token_verdict {
    QUEUE_TOKEN_OK,
    QUEUE_TOKEN_MALFORMED,     /* not the form of such a token */
    QUEUE_TOKEN_RETIRED,       /* its key has rotated out: nothing else in it was checked */
    QUEUE_TOKEN_FORGED,        /* right form, wrong tag: another house's, or made up */
    QUEUE_TOKEN_OTHER_EVENT,   /* genuine, but of another event */
    QUEUE_TOKEN_OTHER_SESSION, /* genuine, but somebody else's: it was passed on */
    QUEUE_TOKEN_EXPIRED,       /* an admission whose time is over */
};

/* Write the token with NUL and return its length. `now_us` is the wall clock. */
size_t queue_token_issue_ticket(struct keys *keys, const struct queue_token_bearer *bearer,
                                const struct queue_token_ticket *ticket, uint64_t now_us,
                                char ret_text[QUEUE_TOKEN_TEXT_MAX]);
size_t queue_token_issue_admission(struct keys *keys, const struct queue_token_bearer *bearer,
                                   const struct queue_token_admission *admission, uint64_t now_us,
                                   char ret_text[QUEUE_TOKEN_TEXT_MAX]);

/* Read and check a token from outside for this bearer. The outputs are written on OK only. */
enum queue_token_verdict queue_token_read_ticket(struct keys *keys, struct slice text,
                                                 const struct queue_token_bearer *bearer,
                                                 uint64_t now_us,
                                                 struct queue_token_ticket *ret_ticket);
/* *ret_admission is written on EXPIRED too: after an outage the machine may have given an admission
 * more time than its token knows. */
enum queue_token_verdict queue_token_read_admission(struct keys *keys, struct slice text,
                                                    const struct queue_token_bearer *bearer,
                                                    uint64_t now_us,
                                                    struct queue_token_admission *ret_admission);

#endif
