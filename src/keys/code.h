/*
 * code: access codes. The journal never holds one, only its keyed hash: who reads the journal
 * cannot try out codes. The hash covers the event, so that the same word in two events does not
 * show as the same.
 *
 * Two spellings are the same code when code_normalise makes them equal: blanks around it are
 * dropped and ASCII letters become upper case, since people type codes off a flyer. Thread: any.
 */
#ifndef ONSALE_KEYS_CODE_H
#define ONSALE_KEYS_CODE_H

#include "base/codec.h"
#include "base/limits.h"
#include "keys/keys.h"

/* Writes the normal form and returns its length: 0 when nothing is left, or when it is longer than
 * LIMIT_CODE_BYTES. */
size_t code_normalise(struct slice text, char ret_text[LIMIT_CODE_BYTES]);

/* The keyed hash of a code of one event, never all zero; `event_random` is the secret half of the
 * event's id. False: it is empty or too long. */
bool code_hash(struct keys *keys, uint64_t event_random, struct slice text,
               struct hash16 *ret_hash);

#endif
