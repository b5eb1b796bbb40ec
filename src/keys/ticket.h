/*
 * ticket: the token in a ticket's QR code. It says which place of which event it admits to and is
 * signed, so that a gate without a network can tell a true one with the event's public key alone.
 * docs/tickets.md tells it to people who write gates.
 *
 * 92 bytes, integers big-endian:
 *
 *   byte  0      u8   version, 1
 *   byte  1      u8   key id, 1-255: which of the event's keys signed
 *   bytes 2-5    u32  event: its partition number
 *   bytes 6-9    u32  ordinal: the unit (seat or general-admission place) within the event
 *   bytes 10-13  u32  serial: which ticket of that unit, as the box office counts or draws it
 *   bytes 14-15  u16  generation: rises with each new owner; only the newest admits
 *   bytes 16-17  u16  product: the price category
 *   bytes 18-21  u32  valid from, seconds since 1970; 0: no such bound
 *   bytes 22-25  u32  valid until, seconds since 1970, inclusive; 0: no such bound
 *   bytes 26-27  u16  flags: none is defined in version 1, all zero
 *   bytes 28-91  Ed25519 signature (RFC 8032) over "onsale ticket v1" NUL bytes 0-27
 *
 * As text: base45 (RFC 9285), 138 characters of QR's alphanumeric alphabet. One token has one
 * spelling. Ed25519 signs the same bytes the same way, so a token can be made again at any time and
 * is stored nowhere.
 *
 * Every event has its own key pairs, numbered from 1 (the key id), kept in keys.db. The newest one
 * signs; all of them verify. A key is durable before its first signature is made.
 *
 * Thread: any; ticket_sign of an event whose key is not in memory yet, ticket_key_prepare the first
 * time and ticket_key_rotate wait for the disk. Signing costs about 20 us, verifying 60 us.
 */
#ifndef ONSALE_KEYS_TICKET_H
#define ONSALE_KEYS_TICKET_H

#include "base/json.h"
#include "keys/keys.h"

#define TICKET_VERSION 1
#define TICKET_SIGNED_BYTES 28
#define TICKET_BYTES 92
#define TICKET_TEXT_CHARS 138
#define TICKET_TEXT_MAX (TICKET_TEXT_CHARS + 1)
#define TICKET_PUBLIC_KEY_BYTES 32
#define TICKET_SECRET_BYTES 64

struct ticket {
    uint8_t key_id; /* set by ticket_sign; what the caller put there does not matter */
    uint32_t partition, ordinal, serial;
    uint16_t generation, product;
    uint32_t valid_from_s, valid_until_s;
    uint16_t flags; /* 0 */
};

enum ticket_verdict {
    TICKET_OK,
    TICKET_MALFORMED, /* unknown version, key id 0 or unknown flags */
    TICKET_FORGED     /* the signature is not this key's over these bytes */
};

/* Makes sure that the event has a key, so that the first ticket_sign need not wait for the disk.
 * Called when the event is made; harmless when repeated. */
MUST_USE int ticket_key_prepare(struct keys *keys, uint32_t partition, struct err *err);

/* A new key for the event; the next ticket_sign uses it. At most 255 (then an error). */
MUST_USE int ticket_key_rotate(struct keys *keys, uint32_t partition, uint8_t *ret_key_id,
                               struct err *err);

/* Signs with the event's newest key. Fails only when a key had to be made or read and could not,
 * or when flags are not 0. */
MUST_USE int ticket_sign(struct keys *keys, const struct ticket *ticket,
                         uint8_t ret_token[TICKET_BYTES], struct err *err);

/* ticket_sign, as text with NUL. */
MUST_USE int ticket_sign_text(struct keys *keys, const struct ticket *ticket,
                              char ret_text[TICKET_TEXT_MAX], struct err *err);

/* The same with a key pair that is at hand (keys/signature.h). Needs no struct keys. */
void ticket_sign_with(const struct ticket *ticket, uint8_t key_id,
                      const uint8_t secret[TICKET_SECRET_BYTES], uint8_t ret_token[TICKET_BYTES]);

/* What the token says, if the public key signed it. Needs no secret and no struct keys. Whether the
 * time is right and the generation is the newest is the gate's to judge. *ret_ticket is written on
 * TICKET_OK only. */
enum ticket_verdict ticket_verify(const uint8_t public_key[TICKET_PUBLIC_KEY_BYTES],
                                  const uint8_t token[TICKET_BYTES], struct ticket *ret_ticket);

/* Key id and event as the token claims them, unchecked: to find the public key by. */
void ticket_claims(const uint8_t token[TICKET_BYTES], uint8_t *ret_key_id, uint32_t *ret_partition);

/* Text of a token, with NUL; and back, false unless it is exactly the text of some 92 bytes. */
void ticket_encode(const uint8_t token[TICKET_BYTES], char ret_text[TICKET_TEXT_MAX]);
bool ticket_decode(struct slice text, uint8_t ret_token[TICKET_BYTES]);

/* The public half of one key; fails when the event has no such key. */
MUST_USE int ticket_key_public(struct keys *keys, uint32_t partition, uint8_t key_id,
                               uint8_t ret_public_key[TICKET_PUBLIC_KEY_BYTES], struct err *err);

/* Writes the array `name` (NULL inside an array or at the root) with the event's public keys,
 * newest last: [{"kid": 1, "alg": "Ed25519", "public_key": "<base64url>"}]. An event without keys
 * gets its first. On failure nothing was written. */
MUST_USE int ticket_keys_public(struct keys *keys, uint32_t partition, struct json *j,
                                const char *name, struct err *err);

#endif
