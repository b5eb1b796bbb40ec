#include "booking/inventory.h"

#include "base/limits.h"

_Static_assert(LIMIT_UNITS % 64 == 0, "the scratch bitmap has whole words");
_Static_assert(LIMIT_PRICE_CATEGORIES <= 256, "a seat's category is one byte");

static uint32_t word_at(const char *list, uint32_t i)
{
    const unsigned char *p = (const unsigned char *)list + (size_t)i * 4;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Cuts `len` bytes off the front of `rest`; NULL when there are not as many. */
static const char *take(struct slice *rest, uint64_t len)
{
    if (rest->len < len)
        return NULL;
    const char *at = rest->data;
    rest->data += len;
    rest->len -= (size_t)len;
    return at;
}

static enum inventory_fault read_header(struct slice *rest, struct inventory *to)
{
    const char *header = take(rest, INVENTORY_HEADER_BYTES);
    if (!header)
        return INVENTORY_CUT_SHORT;
    if (word_at(header, 0) != INVENTORY_VERSION)
        return INVENTORY_VERSION_UNKNOWN;
    to->seat_count = word_at(header, 1);
    to->block_count = word_at(header, 2);
    to->area_count = word_at(header, 3);
    to->section_count = word_at(header, 4);
    to->category_count = word_at(header, 5);
    if (to->seat_count > LIMIT_UNITS || to->block_count > to->seat_count ||
        to->area_count > LIMIT_AREAS || to->section_count > LIMIT_SECTIONS ||
        to->category_count > LIMIT_PRICE_CATEGORIES)
        return INVENTORY_OUT_OF_BOUNDS;
    return INVENTORY_OK;
}

static enum inventory_fault check_blocks(const struct inventory *it)
{
    uint64_t seats = 0;
    for (uint32_t b = 0; b < it->block_count; b++) {
        uint32_t count = word_at(it->blocks, 2 * b + 1);
        if (word_at(it->blocks, 2 * b) >= it->section_count || count == 0)
            return INVENTORY_OUT_OF_BOUNDS;
        seats += count;
    }
    return seats == it->seat_count ? INVENTORY_OK : INVENTORY_OUT_OF_BOUNDS;
}

/* Each seat stands in exactly one block: as many places as seats, and none named twice. */
static enum inventory_fault check_seats(const struct inventory *it, uint64_t *scratch)
{
    memset(scratch, 0, (it->seat_count + 63u) / 64 * sizeof *scratch);
    for (uint32_t i = 0; i < it->seat_count; i++) {
        uint32_t seat = word_at(it->seats, i);
        if (seat >= it->seat_count)
            return INVENTORY_OUT_OF_BOUNDS;
        uint64_t bit = 1ull << (seat % 64);
        if (scratch[seat / 64] & bit)
            return INVENTORY_SEAT_TWICE;
        scratch[seat / 64] |= bit;
    }
    for (uint32_t i = 0; i < it->seat_count; i++) {
        if (word_at(it->costs, i) > INVENTORY_COST_MAX ||
            (unsigned char)it->categories[i] >= it->category_count)
            return INVENTORY_OUT_OF_BOUNDS;
    }
    return INVENTORY_OK;
}

static enum inventory_fault check_areas(struct inventory *it)
{
    uint64_t units = it->seat_count;
    for (uint32_t a = 0; a < it->area_count; a++) {
        uint32_t capacity = word_at(it->areas, 2 * a);
        if (capacity == 0 || word_at(it->areas, 2 * a + 1) >= it->category_count)
            return INVENTORY_OUT_OF_BOUNDS;
        units += capacity;
    }
    if (units > LIMIT_UNITS)
        return INVENTORY_OUT_OF_BOUNDS;
    it->unit_count = (uint32_t)units;
    return units > 0 ? INVENTORY_OK : INVENTORY_EMPTY;
}

enum inventory_fault inventory_read(struct slice bytes, uint64_t *scratch,
                                    struct inventory *ret_inventory)
{
    struct inventory it = {0};
    struct slice rest = bytes;
    enum inventory_fault fault = read_header(&rest, &it);
    if (fault != INVENTORY_OK)
        return fault;
    it.blocks = take(&rest, 8ull * it.block_count);
    it.seats = it.blocks ? take(&rest, 4ull * it.seat_count) : NULL;
    it.costs = it.seats ? take(&rest, 4ull * it.seat_count) : NULL;
    it.categories = it.costs ? take(&rest, it.seat_count) : NULL;
    it.areas = it.categories ? take(&rest, 8ull * it.area_count) : NULL;
    if (!it.areas)
        return INVENTORY_CUT_SHORT;
    if (rest.len > 0)
        return INVENTORY_OUT_OF_BOUNDS;
    fault = check_blocks(&it);
    if (fault == INVENTORY_OK)
        fault = check_seats(&it, scratch);
    if (fault == INVENTORY_OK)
        fault = check_areas(&it);
    if (fault == INVENTORY_OK)
        *ret_inventory = it;
    return fault;
}
