/*
 * session: the signed token that names a visitor. The server stores nothing for it: whoever shows
 * a token with a right tag is the session it names.
 *
 *   byte  0      version, 1
 *   bytes 1-4    issued, seconds since 1970, big-endian
 *   bytes 5-20   session id, random
 *   bytes 21-38  first 18 bytes of HMAC-SHA256(session.key, "onsale session v1" NUL bytes 0-20)
 *
 * as base64url (RFC 4648 section 5) without padding: 52 characters. 39 bytes fill them exactly, so
 * every token has one spelling; anything else is refused.
 *
 * The machines know a session only by its hash, so that a journal does not hold what a token is
 * made of. Thread: one at a time per struct keys (the loop). The tokens seen
 * last are remembered once verified, so that session_verify costs about a microsecond the first
 * time and little more than a comparison then.
 */
#ifndef ONSALE_KEYS_SESSION_H
#define ONSALE_KEYS_SESSION_H

#include "base/codec.h"
#include "keys/keys.h"

#define SESSION_ID_BYTES 16
#define SESSION_TOKEN_CHARS 52
#define SESSION_TEXT_MAX (SESSION_TOKEN_CHARS + 1)
#define SESSION_PUBLIC_MAX 28 /* "ses_", 22 letters, NUL, rounded up */

struct session {
    uint8_t id[SESSION_ID_BYTES];
    struct hash16 hash; /* first 16 bytes of SHA-256("onsale session id" NUL id): for commands */
    uint64_t issued_us; /* whole seconds */
};

enum session_verdict {
    SESSION_OK,
    SESSION_MALFORMED, /* not the form of a token */
    SESSION_FORGED,    /* right form, wrong tag: another house's, or made up */
    SESSION_EXPIRED,   /* older than LIMIT_SESSION_SECONDS: get a new one */
};

/* A new session: its token with NUL (SESSION_TOKEN_CHARS letters) and what it says. `now_us` is the
 * wall clock. */
void session_issue(struct keys *keys, uint64_t now_us, char ret_text[SESSION_TEXT_MAX],
                   struct session *ret_session);

/* Reads and checks a token from outside; *ret_session is written on SESSION_OK only. */
enum session_verdict session_verify(struct keys *keys, struct slice text, uint64_t now_us,
                                    struct session *ret_session);

/* The `session_id` that may be shown and logged: "ses_" and the hash in base64url, with NUL.
 * Returns the length without it. It cannot be turned into a token. Thread: any. */
size_t session_public(const struct session *session, char ret_text[SESSION_PUBLIC_MAX]);

#endif
