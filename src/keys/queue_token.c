#include "keys/queue_token.h"

#include "base/time.h"
#include "keys/base64url.h"
#include "keys/fields.h"
#include "keys/internal.h"

#include <stdlib.h>

#define TOKEN_VERSION 1
#define TOKEN_HEAD_BYTES 28
#define TOKEN_TICKET_BYTES 5
#define TOKEN_ADMISSION_BYTES 20
#define TOKEN_TAG_BYTES 18
#define TOKEN_BYTES(body) (TOKEN_HEAD_BYTES + (body) + TOKEN_TAG_BYTES)
#define TOKEN_BYTES_MAX TOKEN_BYTES(TOKEN_ADMISSION_BYTES)
#define DAY_US (86400 * TIME_SECOND_US)

enum token_kind { TOKEN_TICKET = 1, TOKEN_ADMISSION = 2 };

_Static_assert(BASE64URL_CHARS(TOKEN_BYTES(TOKEN_TICKET_BYTES)) == QUEUE_TOKEN_TICKET_CHARS &&
                   BASE64URL_CHARS(TOKEN_BYTES_MAX) == QUEUE_TOKEN_ADMISSION_CHARS,
               "the tokens' lengths");
_Static_assert(TOKEN_BYTES(TOKEN_TICKET_BYTES) % 3 == 0 && TOKEN_BYTES_MAX % 3 == 0,
               "no unused bits: one spelling a token");
_Static_assert(KEYS_QUEUE_DAYS > QUEUE_TOKEN_DAYS + 1, "the days that count keep their keys");
_Static_assert(TOKEN_TAG_BYTES >= 16 && TOKEN_TAG_BYTES <= MAC_BYTES, "a tag nobody guesses");

/* The key of a day, made the first time it is needed; the days around today have places of their
 * own. */
static struct mac *key_of_day(struct keys *keys, uint32_t day)
{
    struct cached_queue_key *cached = &keys->queue_keys[day % KEYS_QUEUE_DAYS];
    if (cached->mac && cached->day == day)
        return cached->mac;
    uint8_t secret[MAC_BYTES];
    struct fields f = FIELDS_INIT;
    fields_add_u64(&f, day);
    mac_compute(keys->queue_mac, "onsale queue key v1", fields_slice(&f), secret);
    mac_destroy(cached->mac);
    cached->day = day;
    if (mac_create(slice_make(secret, sizeof secret), &cached->mac, NULL))
        abort(); /* as in mac.c: a tag that cannot be made must never be guessed */
    sodium_memzero(secret, sizeof secret);
    return cached->mac;
}

/* What the tag covers: version, kind, key id, session, event, and what the kind says, each a field.
 */
static void token_fields(const uint8_t *token, size_t body, struct fields *ret_fields)
{
    *ret_fields = FIELDS_INIT;
    fields_add(ret_fields, token, 1);
    fields_add(ret_fields, token + 1, 1);
    fields_add(ret_fields, token + 2, 2);
    fields_add(ret_fields, token + 4, 16);
    fields_add(ret_fields, token + 20, 8);
    fields_add(ret_fields, token + TOKEN_HEAD_BYTES, body);
}

static size_t token_issue(struct keys *keys, enum token_kind kind,
                          const struct queue_token_bearer *bearer, struct slice body,
                          uint64_t now_us, char ret_text[QUEUE_TOKEN_TEXT_MAX])
{
    uint8_t token[TOKEN_BYTES_MAX], tag[MAC_BYTES];
    struct fields f;
    uint32_t day = (uint32_t)(now_us / DAY_US) & 0xffff;
    token[0] = TOKEN_VERSION;
    token[1] = (uint8_t)kind;
    fields_put_number(token + 2, day, 2);
    memcpy(token + 4, bearer->session.bytes, sizeof bearer->session.bytes);
    fields_put_number(token + 20, bearer->event_random, 8);
    memcpy(token + TOKEN_HEAD_BYTES, body.data, body.len);
    token_fields(token, body.len, &f);
    mac_compute(key_of_day(keys, day), "onsale queue token v1", fields_slice(&f), tag);
    memcpy(token + TOKEN_HEAD_BYTES + body.len, tag, TOKEN_TAG_BYTES);
    size_t len = base64url_encode(slice_make(token, TOKEN_BYTES(body.len)), ret_text);
    ret_text[len] = '\0';
    return len;
}

/* Everything but what the kind says; `token` has room for one with `body` bytes of that. */
static enum queue_token_verdict token_read(struct keys *keys, struct slice text,
                                           enum token_kind kind, size_t body,
                                           const struct queue_token_bearer *bearer, uint64_t now_us,
                                           uint8_t token[TOKEN_BYTES_MAX])
{
    size_t len = 0;
    struct fields f;
    if (text.len != BASE64URL_CHARS(TOKEN_BYTES(body)) ||
        !base64url_decode(text, TOKEN_BYTES_MAX, token, &len) || token[0] != TOKEN_VERSION ||
        token[1] != kind)
        return QUEUE_TOKEN_MALFORMED;
    uint32_t day = (uint32_t)fields_get_number(token + 2, 2),
             today = (uint32_t)(now_us / DAY_US) & 0xffff;
    if (day + QUEUE_TOKEN_DAYS < today)
        return QUEUE_TOKEN_RETIRED;
    /* Tomorrow's is taken: a clock may have been put back over midnight. */
    if (day > today + 1)
        return QUEUE_TOKEN_FORGED;
    token_fields(token, body, &f);
    if (!mac_verify(key_of_day(keys, day), "onsale queue token v1", fields_slice(&f),
                    slice_make(token + TOKEN_HEAD_BYTES + body, TOKEN_TAG_BYTES)))
        return QUEUE_TOKEN_FORGED;
    if (fields_get_number(token + 20, 8) != bearer->event_random)
        return QUEUE_TOKEN_OTHER_EVENT;
    if (!keys_constant_equal(slice_make(token + 4, 16), slice_make(bearer->session.bytes, 16)))
        return QUEUE_TOKEN_OTHER_SESSION;
    return QUEUE_TOKEN_OK;
}

size_t queue_token_issue_ticket(struct keys *keys, const struct queue_token_bearer *bearer,
                                const struct queue_token_ticket *ticket, uint64_t now_us,
                                char ret_text[QUEUE_TOKEN_TEXT_MAX])
{
    uint8_t body[TOKEN_TICKET_BYTES];
    body[0] = ticket->lane;
    fields_put_number(body + 1, ticket->number, 4);
    return token_issue(keys, TOKEN_TICKET, bearer, slice_make(body, sizeof body), now_us, ret_text);
}

size_t queue_token_issue_admission(struct keys *keys, const struct queue_token_bearer *bearer,
                                   const struct queue_token_admission *admission, uint64_t now_us,
                                   char ret_text[QUEUE_TOKEN_TEXT_MAX])
{
    uint8_t body[TOKEN_ADMISSION_BYTES];
    fields_put_number(body, admission->slot, 4);
    fields_put_number(body + 4, admission->random, 8);
    fields_put_number(body + 12, admission->expires_at_us, 8);
    return token_issue(keys, TOKEN_ADMISSION, bearer, slice_make(body, sizeof body), now_us,
                       ret_text);
}

enum queue_token_verdict queue_token_read_ticket(struct keys *keys, struct slice text,
                                                 const struct queue_token_bearer *bearer,
                                                 uint64_t now_us,
                                                 struct queue_token_ticket *ret_ticket)
{
    uint8_t token[TOKEN_BYTES_MAX];
    enum queue_token_verdict verdict =
        token_read(keys, text, TOKEN_TICKET, TOKEN_TICKET_BYTES, bearer, now_us, token);
    if (verdict != QUEUE_TOKEN_OK)
        return verdict;
    const uint8_t *body = token + TOKEN_HEAD_BYTES;
    *ret_ticket = (struct queue_token_ticket){body[0], (uint32_t)fields_get_number(body + 1, 4)};
    return QUEUE_TOKEN_OK;
}

enum queue_token_verdict queue_token_read_admission(struct keys *keys, struct slice text,
                                                    const struct queue_token_bearer *bearer,
                                                    uint64_t now_us,
                                                    struct queue_token_admission *ret_admission)
{
    uint8_t token[TOKEN_BYTES_MAX];
    enum queue_token_verdict verdict =
        token_read(keys, text, TOKEN_ADMISSION, TOKEN_ADMISSION_BYTES, bearer, now_us, token);
    if (verdict != QUEUE_TOKEN_OK)
        return verdict;
    const uint8_t *body = token + TOKEN_HEAD_BYTES;
    *ret_admission = (struct queue_token_admission){
        .slot = (uint32_t)fields_get_number(body, 4),
        .random = fields_get_number(body + 4, 8),
        .expires_at_us = fields_get_number(body + 12, 8),
    };
    return ret_admission->expires_at_us > now_us ? QUEUE_TOKEN_OK : QUEUE_TOKEN_EXPIRED;
}
