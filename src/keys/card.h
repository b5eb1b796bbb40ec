/*
 * card: payment cards as the journal has them. Onsale never sees a card's number; the provider
 * tells a fingerprint that is the same for the same number. The journal holds a keyed hash of it
 * that covers the event, so that two events' journals do not show which of their buyers share a
 * card, and nobody can try out fingerprints. Thread: any.
 */
#ifndef ONSALE_KEYS_CARD_H
#define ONSALE_KEYS_CARD_H

#include "base/codec.h"
#include "keys/keys.h"

#define CARD_FINGERPRINT_MAX 64u

/* The keyed hash of a card for one event, never all zero; `event_random` is the secret half of the
 * event's id. All zero for no fingerprint and for one that is too long: no card is known. */
struct hash16 card_hash(struct keys *keys, uint64_t event_random, struct slice fingerprint);

#endif
