#include "booking/state.h"

static uint32_t buyer_slot(const struct booking *b, struct hash16 id)
{
    return index_find(b->buyer_index, b->s->buyer_mask, b->buyers, sizeof(struct buyer),
                      offsetof(struct buyer, id), id);
}

const struct buyer *buyer_find(const struct booking *b, struct hash16 id)
{
    uint32_t slot = buyer_slot(b, id);
    return slot == BOOKING_NONE ? NULL : &b->buyers[slot];
}

void buyer_add(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds)
{
    uint32_t slot = buyer_slot(b, id);
    if (slot == BOOKING_NONE) {
        slot = b->s->buyer_free;
        if (slot != BOOKING_NONE)
            b->s->buyer_free = b->buyers[slot].next;
        else
            slot = b->s->buyers_used++;
        assert(slot < b->s->buyer_capacity);
        b->buyers[slot] = (struct buyer){.id = id};
        index_add(b->buyer_index, b->s->buyer_mask, id, slot);
    }
    b->buyers[slot].units += units;
    b->buyers[slot].holds += holds;
}

void buyer_take(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds)
{
    uint32_t slot = buyer_slot(b, id);
    assert(slot != BOOKING_NONE);
    struct buyer *buyer = &b->buyers[slot];
    assert(buyer->units >= units && buyer->holds >= holds);
    buyer->units -= units;
    buyer->holds -= holds;
    if (buyer->units > 0 || buyer->holds > 0)
        return;
    index_remove(b->buyer_index, b->s->buyer_mask, b->buyers, sizeof(struct buyer),
                 offsetof(struct buyer, id), id);
    *buyer = (struct buyer){.next = b->s->buyer_free};
    b->s->buyer_free = slot;
}
