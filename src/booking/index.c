#include "booking/state.h"

/* Keys are hashes that nobody can steer (SHA-256 or keyed), so their first bytes place them. Linear
 * probing; removal shifts back, so that there are no tombstones and the table depends on the set of
 * keys and the order of additions alone. An entry is slot + 1; 0 is empty. */

static uint32_t index_home(struct hash16 key, uint32_t mask)
{
    uint32_t word;
    memcpy(&word, key.bytes, 4);
    return word & mask;
}

static struct hash16 record_key(const void *records, size_t stride, size_t key_offset,
                                uint32_t slot)
{
    struct hash16 key;
    memcpy(&key, (const char *)records + (size_t)slot * stride + key_offset, sizeof key);
    return key;
}

uint32_t index_find(const uint32_t *index, uint32_t mask, const void *records, size_t stride,
                    size_t key_offset, struct hash16 key)
{
    for (uint32_t at = index_home(key, mask); index[at] != 0; at = (at + 1) & mask)
        if (hash16_equal(record_key(records, stride, key_offset, index[at] - 1), key))
            return index[at] - 1;
    return BOOKING_NONE;
}

void index_add(uint32_t *index, uint32_t mask, struct hash16 key, uint32_t slot)
{
    uint32_t at = index_home(key, mask);
    while (index[at] != 0)
        at = (at + 1) & mask;
    index[at] = slot + 1;
}

void index_remove(uint32_t *index, uint32_t mask, const void *records, size_t stride,
                  size_t key_offset, struct hash16 key)
{
    uint32_t at = index_home(key, mask);
    while (index[at] != 0 &&
           !hash16_equal(record_key(records, stride, key_offset, index[at] - 1), key))
        at = (at + 1) & mask;
    assert(index[at] != 0);
    for (uint32_t next = (at + 1) & mask; index[next] != 0; next = (next + 1) & mask) {
        uint32_t home = index_home(record_key(records, stride, key_offset, index[next] - 1), mask);
        if (((next - home) & mask) >= ((next - at) & mask)) {
            index[at] = index[next];
            at = next;
        }
    }
    index[at] = 0;
}

uint32_t hold_by_key(const struct booking *b, struct hash16 key)
{
    return index_find(b->hold_keys, b->s->key_mask, b->holds, sizeof(struct hold),
                      offsetof(struct hold, key), key);
}

uint32_t order_by_key(const struct booking *b, struct hash16 key)
{
    return index_find(b->order_keys, b->s->key_mask, b->orders, sizeof(struct order),
                      offsetof(struct order, key), key);
}
