#include "keys/session.h"

#include "base/hash.h"
#include "base/time.h"
#include "keys/base64url.h"
#include "keys/internal.h"

#define SESSION_VERSION 1
#define SESSION_SIGNED_BYTES 21
#define SESSION_TAG_BYTES 18
#define SESSION_BYTES (SESSION_SIGNED_BYTES + SESSION_TAG_BYTES)
#define SESSION_DOMAIN "onsale session v1"

_Static_assert(BASE64URL_CHARS(SESSION_BYTES) == SESSION_TOKEN_CHARS, "the token's length");
_Static_assert(SESSION_BYTES % 3 == 0, "no unused bits: one spelling a token");
_Static_assert(SESSION_PUBLIC_MAX > 4 + BASE64URL_CHARS(16), "the public id fits");

static void session_fill(const uint8_t bytes[SESSION_SIGNED_BYTES], struct session *ret_session)
{
    static const char domain[] = "onsale session id"; /* its NUL is hashed too */
    uint8_t message[sizeof domain + SESSION_ID_BYTES], digest[crypto_hash_sha256_BYTES];
    uint64_t issued_s = 0;
    for (int i = 1; i < 5; i++)
        issued_s = issued_s << 8 | bytes[i];
    ret_session->issued_us = issued_s * TIME_SECOND_US;
    memcpy(ret_session->id, bytes + 5, SESSION_ID_BYTES);
    memcpy(message, domain, sizeof domain);
    memcpy(message + sizeof domain, bytes + 5, SESSION_ID_BYTES);
    crypto_hash_sha256(digest, message, sizeof message);
    memcpy(ret_session->hash.bytes, digest, sizeof ret_session->hash.bytes);
}

void session_issue(struct keys *keys, uint64_t now_us, char ret_text[SESSION_TEXT_MAX],
                   struct session *ret_session)
{
    uint8_t token[SESSION_BYTES], tag[MAC_BYTES];
    uint64_t now_s = now_us / TIME_SECOND_US;
    token[0] = SESSION_VERSION;
    for (int i = 0; i < 4; i++)
        token[1 + i] = (uint8_t)(now_s >> (24 - 8 * i));
    keys_random(token + 5, SESSION_ID_BYTES);
    mac_compute(keys->session_mac, SESSION_DOMAIN, slice_make(token, SESSION_SIGNED_BYTES), tag);
    memcpy(token + SESSION_SIGNED_BYTES, tag, SESSION_TAG_BYTES);
    ret_text[base64url_encode(slice_make(token, sizeof token), ret_text)] = '\0';
    session_fill(token, ret_session);
}

static enum session_verdict session_read(struct keys *keys, struct slice text,
                                         struct session *ret_session)
{
    uint8_t token[SESSION_BYTES];
    size_t len = 0;
    if (!base64url_decode(text, sizeof token, token, &len) || token[0] != SESSION_VERSION)
        return SESSION_MALFORMED;
    if (!mac_verify(keys->session_mac, SESSION_DOMAIN, slice_make(token, SESSION_SIGNED_BYTES),
                    slice_make(token + SESSION_SIGNED_BYTES, SESSION_TAG_BYTES)))
        return SESSION_FORGED;
    session_fill(token, ret_session);
    return SESSION_OK;
}

enum session_verdict session_verify(struct keys *keys, struct slice text, uint64_t now_us,
                                    struct session *ret_session)
{
    if (text.len != SESSION_TOKEN_CHARS)
        return SESSION_MALFORMED;
    /* A buyer comes with the same token again and again; reading it costs an HMAC and a SHA-256,
     * a sixth of a hold's instructions. */
    uint64_t hash = hash64_of(text.data, text.len, 0);
    struct cached_session *cached = &keys->sessions[hash % KEYS_SESSION_CACHE];
    if (!cached->used || !keys_constant_equal(text, slice_make(cached->token, text.len))) {
        struct session session;
        enum session_verdict verdict = session_read(keys, text, &session);
        if (verdict != SESSION_OK)
            return verdict;
        cached->used = true;
        memcpy(cached->token, text.data, sizeof cached->token);
        cached->session = session;
    }
    if (cached->session.issued_us + LIMIT_SESSION_SECONDS * TIME_SECOND_US < now_us)
        return SESSION_EXPIRED;
    *ret_session = cached->session;
    return SESSION_OK;
}

size_t session_public(const struct session *session, char ret_text[SESSION_PUBLIC_MAX])
{
    struct slice hash = slice_make(session->hash.bytes, sizeof session->hash.bytes);
    memcpy(ret_text, "ses_", 4);
    size_t len = 4 + base64url_encode(hash, ret_text + 4);
    ret_text[len] = '\0';
    return len;
}
