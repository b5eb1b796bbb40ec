#include "keys/ticket.h"

#include "keys/base45.h"
#include "keys/signature.h"

#define TICKET_DOMAIN "onsale ticket v1"
#define TICKET_MESSAGE_BYTES (sizeof TICKET_DOMAIN + TICKET_SIGNED_BYTES)

_Static_assert(TICKET_SIGNED_BYTES + SIGNATURE_BYTES == TICKET_BYTES, "layout");
_Static_assert(BASE45_CHARS(TICKET_BYTES) == TICKET_TEXT_CHARS, "text length");
_Static_assert(TICKET_PUBLIC_KEY_BYTES == SIGNATURE_PUBLIC_BYTES, "public key");
_Static_assert(TICKET_SECRET_BYTES == SIGNATURE_SECRET_BYTES, "secret key");

static uint8_t *ticket_put(uint8_t *to, uint64_t value, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        *to++ = (uint8_t)(value >> shift);
    return to;
}

static uint32_t ticket_get(const uint8_t **from, int bytes)
{
    uint32_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | *(*from)++;
    return value;
}

/* What is signed: the domain with its NUL, then the first 28 bytes. */
static void ticket_message(const uint8_t token[TICKET_BYTES],
                           uint8_t ret_message[TICKET_MESSAGE_BYTES])
{
    memcpy(ret_message, TICKET_DOMAIN, sizeof TICKET_DOMAIN);
    memcpy(ret_message + sizeof TICKET_DOMAIN, token, TICKET_SIGNED_BYTES);
}

void ticket_sign_with(const struct ticket *ticket, uint8_t key_id,
                      const uint8_t secret[TICKET_SECRET_BYTES], uint8_t ret_token[TICKET_BYTES])
{
    uint8_t message[TICKET_MESSAGE_BYTES], *to = ret_token;
    to = ticket_put(to, TICKET_VERSION, 1);
    to = ticket_put(to, key_id, 1);
    to = ticket_put(to, ticket->partition, 4);
    to = ticket_put(to, ticket->ordinal, 4);
    to = ticket_put(to, ticket->serial, 4);
    to = ticket_put(to, ticket->generation, 2);
    to = ticket_put(to, ticket->product, 2);
    to = ticket_put(to, ticket->valid_from_s, 4);
    to = ticket_put(to, ticket->valid_until_s, 4);
    to = ticket_put(to, ticket->flags, 2);
    ticket_message(ret_token, message);
    signature_make(secret, slice_make(message, sizeof message), to);
}

enum ticket_verdict ticket_verify(const uint8_t public_key[TICKET_PUBLIC_KEY_BYTES],
                                  const uint8_t token[TICKET_BYTES], struct ticket *ret_ticket)
{
    uint8_t message[TICKET_MESSAGE_BYTES];
    const uint8_t *from = token;
    struct ticket ticket;
    ticket_message(token, message);
    if (!signature_verify(public_key, slice_make(message, sizeof message),
                          slice_make(token + TICKET_SIGNED_BYTES, SIGNATURE_BYTES)))
        return TICKET_FORGED;
    uint32_t version = ticket_get(&from, 1);
    ticket.key_id = (uint8_t)ticket_get(&from, 1);
    ticket.partition = ticket_get(&from, 4);
    ticket.ordinal = ticket_get(&from, 4);
    ticket.serial = ticket_get(&from, 4);
    ticket.generation = (uint16_t)ticket_get(&from, 2);
    ticket.product = (uint16_t)ticket_get(&from, 2);
    ticket.valid_from_s = ticket_get(&from, 4);
    ticket.valid_until_s = ticket_get(&from, 4);
    ticket.flags = (uint16_t)ticket_get(&from, 2);
    if (version != TICKET_VERSION || ticket.key_id == 0 || ticket.flags != 0)
        return TICKET_MALFORMED;
    *ret_ticket = ticket;
    return TICKET_OK;
}

void ticket_claims(const uint8_t token[TICKET_BYTES], uint8_t *ret_key_id, uint32_t *ret_partition)
{
    const uint8_t *from = token + 2;
    *ret_key_id = token[1];
    *ret_partition = ticket_get(&from, 4);
}

void ticket_encode(const uint8_t token[TICKET_BYTES], char ret_text[TICKET_TEXT_MAX])
{
    ret_text[base45_encode(slice_make(token, TICKET_BYTES), ret_text)] = '\0';
}

bool ticket_decode(struct slice text, uint8_t ret_token[TICKET_BYTES])
{
    uint8_t token[TICKET_BYTES];
    size_t len = 0;
    if (text.len != TICKET_TEXT_CHARS || !base45_decode(text, sizeof token, token, &len))
        return false;
    memcpy(ret_token, token, sizeof token);
    return true;
}
