/*
 * keys: the secrets of one box office, in a folder that only its owner may read. All of them are
 * made here at the first start, with the system's random numbers, and are durable before anything
 * made with them leaves the process.
 *
 *   <dir>/            0700
 *   <dir>/session.key 0600  32 bytes, MAC key of session tokens (keys/session.h)
 *   <dir>/email.key   0600  32 bytes, MAC key of e-mail hashes (keys/person.h)
 *   <dir>/queue.key   0600  32 bytes, of which each day's key of queue tokens is made
 *                           (keys/queue_token.h)
 *   <dir>/keys.db     0600  SQLite: a key per person, ticket keys per event (keys/person.h,
 *                           keys/ticket.h)
 *
 * A folder or file that others may read, that belongs to somebody else, that is a link or has the
 * wrong size is refused by name: nothing is repaired behind the operator's back.
 *
 * Order of calls: keys_open, then the functions of session.h, person.h, ticket.h, then keys_close.
 * One process at a time (a lock on session.key says so).
 */
#ifndef ONSALE_KEYS_KEYS_H
#define ONSALE_KEYS_KEYS_H

#include "base/err.h"
#include "base/slice.h"

struct keys;

/* Opens the folder `dir` (NUL-terminated path; its parent must exist) and makes what is missing.
 * On success *ret_keys is owned by the caller (keys_close); on failure nothing stays open. */
MUST_USE int keys_open(const char *dir, struct keys **ret_keys, struct err *err);

/* Closes and wipes what was in memory. NULL is fine. People whose keys were never committed
 * (keys/person.h) are gone. No other thread may still use `keys`. */
void keys_close(struct keys *keys);

/* True when both have the same bytes; the time it takes tells nothing but their lengths. For the
 * organiser's token, which is a setting. Thread: any. */
bool keys_constant_equal(struct slice a, struct slice b);

/* `len` bytes of the system's random numbers; never fails (getrandom). Thread: any. */
void keys_random(void *ret_bytes, size_t len);

/* A random number that is not 0: the secret half of an id. Thread: any. */
uint64_t keys_random_u64(void);

#endif
