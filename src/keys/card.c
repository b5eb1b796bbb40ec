#include "keys/card.h"

#include "keys/fields.h"
#include "keys/internal.h"

struct hash16 card_hash(struct keys *keys, uint64_t event_random, struct slice fingerprint)
{
    struct hash16 hash = {{0}};
    struct fields message = FIELDS_INIT;
    uint8_t tag[MAC_BYTES];
    if (fingerprint.len == 0 || fingerprint.len > CARD_FINGERPRINT_MAX)
        return hash;
    fields_add_u64(&message, event_random);
    fields_add(&message, fingerprint.data, fingerprint.len);
    /* The key of the e-mail hashes: it lives as long as the journal does, and the purpose keeps the
     * two apart. */
    pthread_mutex_lock(&keys->read_lock);
    mac_compute(keys->email_mac, "onsale card v1", fields_slice(&message), tag);
    pthread_mutex_unlock(&keys->read_lock);
    memcpy(hash.bytes, tag, sizeof hash.bytes);
    hash.bytes[15] |= 1; /* never all zero, which stands for no card */
    return hash;
}
