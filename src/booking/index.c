#include "booking/state.h"

/* Keys are hashes that nobody can steer (SHA-256 or keyed), so their first bytes place them. Linear
 * probing; removal shifts back, so that there are no tombstones and the table depends on the set of
 * keys and the order of additions alone. An entry is slot + 1 and above it some bits of the key, so
 * that looking for a key that is not there touches no record but this table; 0 is empty. */
#define SLOT_BITS 22u
#define SLOT_MASK ((1u << SLOT_BITS) - 1)

_Static_assert(2 * LIMIT_UNITS + 1024 < SLOT_MASK, "every slot of the largest table fits");

static uint32_t entry_of(struct hash16 key, uint32_t slot)
{
    uint32_t word;
    memcpy(&word, key.bytes + 4, 4);
    return word << SLOT_BITS | (slot + 1);
}

static uint32_t entry_slot(uint32_t entry)
{
    return (entry & SLOT_MASK) - 1;
}

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
    uint32_t at = index_home(key, mask), tag = entry_of(key, 0) & ~SLOT_MASK;
    for (; index[at] != 0; at = (at + 1) & mask) {
        uint32_t slot = entry_slot(index[at]);
        if ((index[at] & ~SLOT_MASK) == tag &&
            hash16_equal(record_key(records, stride, key_offset, slot), key))
            return slot;
    }
    return BOOKING_NONE;
}

void index_add(uint32_t *index, uint32_t mask, struct hash16 key, uint32_t slot)
{
    uint32_t at = index_home(key, mask);
    while (index[at] != 0)
        at = (at + 1) & mask;
    index[at] = entry_of(key, slot);
}

void index_remove(uint32_t *index, uint32_t mask, const void *records, size_t stride,
                  size_t key_offset, struct hash16 key)
{
    uint32_t slot = index_find(index, mask, records, stride, key_offset, key);
    uint32_t at = index_home(key, mask);
    assert(slot != BOOKING_NONE);
    while (entry_slot(index[at]) != slot)
        at = (at + 1) & mask;
    for (uint32_t next = (at + 1) & mask; index[next] != 0; next = (next + 1) & mask) {
        uint32_t home =
            index_home(record_key(records, stride, key_offset, entry_slot(index[next])), mask);
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
