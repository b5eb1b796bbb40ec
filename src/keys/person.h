/*
 * person: personal data that can be forgotten. Entries of the journal never change, so they hold no
 * name and no address, but a person id, a keyed hash of the address (for limits per buyer) and a
 * ciphertext under a key of that person alone. Erasing the key erases the person from every copy.
 *
 *   contact bytes: nonce (24) | XChaCha20-Poly1305 of { u8 1, u16 e-mail length, u16 name length,
 *   big-endian; e-mail; name; zeros up to a multiple of 64 } with "onsale contact v1" NUL person
 *   (u64 big-endian) as associated data
 *
 * The same address (email_normalise) gives the same person and key as long as it is not erased. The
 * hash for limits covers a coarser form (email_limit_form), under the same key and purpose: plain
 * addresses, which are nearly all, have the one hash that older entries of a journal hold.
 *
 * Order of calls for an order:
 *   1. person_seal          memory and one indexed read, some 10 us: on the loop
 *   2. person_commit        unless ret_sealed->durable: waits for the disk; on a helper thread, or
 *                           once for all orders of a turn
 *   3. submit the command   only after person_commit returned 0: a journal must never hold what
 *                           nobody can decrypt
 *
 * person_commit makes everybody durable who was sealed before it was called, all in one
 * transaction; several threads may call it at the same time and share one.
 *
 * Thread: all functions from any thread. person_seal and person_open never wait for a commit's
 * disk write (their reads go through a connection of their own).
 */
#ifndef ONSALE_KEYS_PERSON_H
#define ONSALE_KEYS_PERSON_H

#include "base/codec.h"
#include "base/limits.h"
#include "keys/email.h"
#include "keys/keys.h"

struct person_sealed {
    uint64_t person;          /* random, never 0, fits in 63 bits */
    struct hash16 email_hash; /* first 16 bytes of HMAC(email.key, normal form): who it is */
    struct hash16 limit_hash; /* the same of email_limit_form: whose limit it counts against */
    bool durable;             /* the key is on the disk already: person_commit is not needed */
    uint16_t contact_len;
    uint8_t contact[LIMIT_CONTACT_BYTES];
};

struct person_contact {
    uint16_t email_len, name_len;
    char email[LIMIT_EMAIL_BYTES + 1]; /* trimmed, as the buyer spelt it; NUL-terminated */
    char name[LIMIT_NAME_BYTES + 1];   /* may be empty; NUL-terminated */
};

static inline struct slice person_sealed_contact(const struct person_sealed *sealed)
{
    return slice_make(sealed->contact, sealed->contact_len);
}

/* True when `name` may be sealed: valid UTF-8 of at most LIMIT_NAME_BYTES without control
 * characters; may be empty. Else *ret_reason (may be NULL) says why. */
bool person_name_valid(struct slice name, const char **ret_reason);

/* The keyed hash of a valid address. */
void person_email_hash(struct keys *keys, struct slice email, struct hash16 *ret_hash);

/* See above. Fails when e-mail or name are not valid (the caller has checked), when
 * LIMIT_PEOPLE_PENDING people wait for person_commit (answer: busy, try again), or when keys.db
 * cannot be read. */
MUST_USE int person_seal(struct keys *keys, struct slice email, struct slice name,
                         struct person_sealed *ret_sealed, struct err *err);

/* Returns 0 when everybody sealed before the call is durable. On failure they stay pending and the
 * next call tries again. */
MUST_USE int person_commit(struct keys *keys, struct err *err);

enum person_found {
    PERSON_FOUND = 0,
    PERSON_ERASED = 1 /* no key of that id: erased, or never made */
};

/* Decrypts what person_seal made. Returns an enum person_found, or a negative number when keys.db
 * cannot be read or the bytes are not this person's contact. */
MUST_USE int person_open(struct keys *keys, uint64_t person, struct slice contact,
                         struct person_contact *ret_contact, struct err *err);

/* Erases the person's key, on the disk too (the pages are overwritten and the write-ahead log is
 * emptied), before it returns 0. Erasing again is fine. Waits for the disk. */
MUST_USE int person_erase(struct keys *keys, uint64_t person, struct err *err);

#endif
