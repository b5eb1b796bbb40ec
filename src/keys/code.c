#include "keys/code.h"

#include "keys/email.h"
#include "keys/internal.h"

size_t code_normalise(struct slice text, char ret_text[LIMIT_CODE_BYTES])
{
    struct slice trimmed = email_trim(text);
    if (trimmed.len > LIMIT_CODE_BYTES)
        return 0;
    for (size_t i = 0; i < trimmed.len; i++) {
        char c = trimmed.data[i];
        ret_text[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return trimmed.len;
}

bool code_hash(struct keys *keys, uint64_t event_random, struct slice text, struct hash16 *ret_hash)
{
    unsigned char message[sizeof event_random + LIMIT_CODE_BYTES];
    uint8_t tag[MAC_BYTES];
    size_t len = code_normalise(text, (char *)message + sizeof event_random);
    if (len == 0)
        return false;
    for (unsigned i = 0; i < sizeof event_random; i++)
        message[i] = (unsigned char)(event_random >> (56 - 8 * i));
    /* The key of the e-mail hashes: it lives as long as the journal does, and the purpose keeps the
     * two apart. */
    pthread_mutex_lock(&keys->read_lock);
    mac_compute(keys->email_mac, "onsale access code v1",
                slice_make(message, sizeof event_random + len), tag);
    pthread_mutex_unlock(&keys->read_lock);
    memcpy(ret_hash->bytes, tag, sizeof ret_hash->bytes);
    ret_hash->bytes[15] |= 1; /* never all zero, which stands for no code */
    return true;
}
