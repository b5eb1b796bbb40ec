#include "booking/state.h"

/* Who must sit with whom, judged for all seats of a hold together: groups that are sold whole,
 * companions, and the single seats that a choice would leave. */

static void check_group(const struct booking *b, uint32_t unit, const uint32_t *units,
                        uint32_t count, struct booking_decision *d)
{
    struct group group = b->groups[b->links[unit].group - 1];
    for (uint32_t i = group.first; i < group.first + group.count; i++)
        if (!units_have(units, count, b->grouped[i]))
            decision_culprit_sorted(d, b->grouped[i]);
}

/* ---- single seats ---- */

struct party {
    const struct booking *b;
    const struct view *view;
    const uint32_t *units;
    uint32_t count;
};

static bool takes(const struct party *p, uint32_t position)
{
    return units_have(p->units, p->count, p->b->position_unit[position]);
}

static bool is_open(const struct party *p, uint32_t position)
{
    return view_has(p->b, p->view, p->b->position_unit[position]);
}

/* The block of a position: blocks stand in order. */
static const struct block *block_of(const struct booking *b, uint32_t position)
{
    uint32_t low = 0, high = b->s->block_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (b->blocks[middle].first <= position)
            low = middle;
        else
            high = middle;
    }
    return &b->blocks[low];
}

static bool stays(const struct party *p, const struct block *block, uint32_t position)
{
    return position - block->first < block->count && is_open(p, position) && !takes(p, position);
}

/* Somebody else of the same run stays: whoever is left alone there need not be. */
static bool others_stay(const struct party *p, const struct block *block, uint32_t position)
{
    for (uint32_t at = position; at > block->first && is_open(p, at - 1); at--)
        if (!takes(p, at - 1))
            return true;
    uint32_t end = block->first + block->count;
    for (uint32_t at = position + 1; at < end && is_open(p, at); at++)
        if (!takes(p, at))
            return true;
    return false;
}

static void check_single(const struct party *p, const struct block *block, uint32_t position,
                         struct booking_decision *d)
{
    if (stays(p, block, position) && !stays(p, block, position - 1) &&
        !stays(p, block, position + 1) && others_stay(p, block, position))
        decision_culprit_sorted(d, p->b->position_unit[position]);
}

/* Only neighbours of what is taken can be left alone by it. */
static void check_singles(const struct party *p, struct booking_decision *d)
{
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t position = p->b->unit_position[p->units[i]];
        const struct block *block = block_of(p->b, position);
        check_single(p, block, position - 1, d);
        check_single(p, block, position + 1, d);
    }
}

enum booking_refusal party_check(const struct booking *b, const struct view *view,
                                 const uint32_t *units, uint32_t count, struct booking_decision *d)
{
    uint8_t flags = 0;
    for (uint32_t i = 0; i < count; i++)
        flags |= b->info[units[i]].kind;
    for (uint32_t i = 0; flags & KIND_GROUPED && i < count; i++)
        if (b->info[units[i]].kind & KIND_GROUPED)
            check_group(b, units[i], units, count, d);
    if (d->culprit_count > 0)
        return BOOKING_GROUP_INCOMPLETE;
    for (uint32_t i = 0; flags & KIND_PAIRED && i < count; i++) {
        uint32_t of = b->links[units[i]].companion_of;
        if (of != 0 && !units_have(units, count, of - 1))
            decision_culprit_sorted(d, units[i]);
    }
    if (d->culprit_count > 0)
        return BOOKING_COMPANION_ALONE;
    if (b->s->singles == BOOKING_SINGLES_REFUSED)
        check_singles(&(struct party){b, view, units, count}, d);
    return d->culprit_count > 0 ? BOOKING_SINGLE_LEFT : BOOKING_OK;
}

bool party_is_whole(const struct booking *b, const uint32_t *units, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct seat_link *link = &b->links[units[i]];
        if (link->companion_of != 0 && !units_have(units, count, link->companion_of - 1))
            return false;
        if (link->group == 0)
            continue;
        struct group group = b->groups[link->group - 1];
        for (uint32_t k = group.first; k < group.first + group.count; k++)
            if (!units_have(units, count, b->grouped[k]))
                return false;
    }
    return true;
}
