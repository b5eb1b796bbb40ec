#include "booking/inventory.h"

#include "base/bits.h"
#include "booking/booking.h"

_Static_assert(LIMIT_UNITS % 64 == 0, "the scratch bitmap has whole words");
_Static_assert(LIMIT_PRICE_CATEGORIES <= 256, "a seat's category is one byte");

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
    const char *header = take(rest, INVENTORY_HEADER_BYTES_1);
    if (!header)
        return INVENTORY_CUT_SHORT;
    uint32_t version = inventory_word(header, 0);
    if (version < 1 || version > INVENTORY_VERSION)
        return INVENTORY_VERSION_UNKNOWN;
    to->seat_count = inventory_word(header, 1);
    to->block_count = inventory_word(header, 2);
    to->area_count = inventory_word(header, 3);
    to->section_count = inventory_word(header, 4);
    to->category_count = inventory_word(header, 5);
    if (version > 1) {
        const char *more = take(rest, INVENTORY_HEADER_BYTES - INVENTORY_HEADER_BYTES_1);
        if (!more)
            return INVENTORY_CUT_SHORT;
        to->special_count = inventory_word(more, 0);
        to->group_count = inventory_word(more, 1);
        to->grouped_count = inventory_word(more, 2);
    }
    if (to->special_count > to->seat_count || to->grouped_count > to->seat_count ||
        to->group_count > to->grouped_count || to->seat_count > LIMIT_UNITS ||
        to->block_count > to->seat_count || to->area_count > LIMIT_AREAS ||
        to->section_count > LIMIT_SECTIONS || to->category_count > LIMIT_PRICE_CATEGORIES)
        return INVENTORY_OUT_OF_BOUNDS;
    return INVENTORY_OK;
}

static enum inventory_fault check_blocks(const struct inventory *it)
{
    uint64_t seats = 0;
    for (uint32_t b = 0; b < it->block_count; b++) {
        uint32_t count = inventory_word(it->blocks, 2 * b + 1);
        if (inventory_word(it->blocks, 2 * b) >= it->section_count || count == 0)
            return INVENTORY_OUT_OF_BOUNDS;
        seats += count;
    }
    return seats == it->seat_count ? INVENTORY_OK : INVENTORY_OUT_OF_BOUNDS;
}

/* Each seat stands in exactly one block: as many places as seats, and none named twice. */
static enum inventory_fault check_seats(const struct inventory *it, uint64_t *scratch)
{
    memset(scratch, 0, bits_words(it->seat_count) * sizeof *scratch);
    for (uint32_t i = 0; i < it->seat_count; i++) {
        uint32_t seat = inventory_word(it->seats, i);
        if (seat >= it->seat_count)
            return INVENTORY_OUT_OF_BOUNDS;
        if (bits_has(scratch, seat))
            return INVENTORY_SEAT_TWICE;
        bits_set(scratch, seat);
    }
    for (uint32_t i = 0; i < it->seat_count; i++) {
        if (inventory_word(it->costs, i) > INVENTORY_COST_MAX ||
            (unsigned char)it->categories[i] >= it->category_count)
            return INVENTORY_OUT_OF_BOUNDS;
    }
    return INVENTORY_OK;
}

static enum inventory_fault check_areas(struct inventory *it)
{
    uint64_t units = it->seat_count;
    for (uint32_t a = 0; a < it->area_count; a++) {
        uint32_t capacity = inventory_word(it->areas, 2 * a);
        if (capacity == 0 || inventory_word(it->areas, 2 * a + 1) >= it->category_count)
            return INVENTORY_OUT_OF_BOUNDS;
        units += capacity;
    }
    if (units > LIMIT_UNITS)
        return INVENTORY_OUT_OF_BOUNDS;
    it->unit_count = (uint32_t)units;
    return units > 0 ? INVENTORY_OK : INVENTORY_EMPTY;
}

static uint32_t special_companion_of(const struct inventory *it, uint32_t at)
{
    return inventory_word(it->specials, 3 * at + 2);
}

/* Kinds by rising seat; whoever is a companion stands in `scratch` afterwards. */
static enum inventory_fault check_specials(const struct inventory *it, uint64_t *scratch)
{
    memset(scratch, 0, bits_words(it->seat_count) * sizeof *scratch);
    for (uint32_t i = 0; i < it->special_count; i++) {
        uint32_t seat = inventory_word(it->specials, 3 * i),
                 kind = inventory_word(it->specials, 3 * i + 1);
        uint32_t of = special_companion_of(it, i);
        if (seat >= it->seat_count || kind >= BOOKING_KIND_COUNT ||
            (i > 0 && seat <= inventory_word(it->specials, 3 * i - 3)))
            return INVENTORY_OUT_OF_BOUNDS;
        if (of == INVENTORY_NO_SEAT)
            continue;
        if (of >= it->seat_count || of == seat || kind != BOOKING_KIND_COMPANION)
            return INVENTORY_BAD_COMPANION;
        bits_set(scratch, seat);
    }
    for (uint32_t i = 0; i < it->special_count; i++) {
        uint32_t of = special_companion_of(it, i);
        if (of != INVENTORY_NO_SEAT && bits_has(scratch, of))
            return INVENTORY_BAD_COMPANION;
    }
    return INVENTORY_OK;
}

static enum inventory_fault check_groups(const struct inventory *it, uint64_t *scratch)
{
    uint64_t seats = 0;
    for (uint32_t g = 0; g < it->group_count; g++) {
        uint32_t size = inventory_word(it->groups, g);
        if (size < 2 || size > LIMIT_HOLD_UNITS)
            return INVENTORY_BAD_GROUP;
        seats += size;
    }
    if (seats != it->grouped_count)
        return INVENTORY_BAD_GROUP;
    memset(scratch, 0, bits_words(it->seat_count) * sizeof *scratch);
    for (uint32_t i = 0; i < it->grouped_count; i++) {
        uint32_t seat = inventory_word(it->grouped, i);
        if (seat >= it->seat_count)
            return INVENTORY_OUT_OF_BOUNDS;
        if (bits_has(scratch, seat))
            return INVENTORY_SEAT_TWICE;
        bits_set(scratch, seat);
    }
    return INVENTORY_OK;
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
    it.specials = it.areas ? take(&rest, 12ull * it.special_count) : NULL;
    it.groups = it.specials ? take(&rest, 4ull * it.group_count) : NULL;
    it.grouped = it.groups ? take(&rest, 4ull * it.grouped_count) : NULL;
    if (!it.grouped)
        return INVENTORY_CUT_SHORT;
    if (rest.len > 0)
        return INVENTORY_OUT_OF_BOUNDS;
    fault = check_blocks(&it);
    if (fault == INVENTORY_OK)
        fault = check_seats(&it, scratch);
    if (fault == INVENTORY_OK)
        fault = check_specials(&it, scratch);
    if (fault == INVENTORY_OK)
        fault = check_groups(&it, scratch);
    if (fault == INVENTORY_OK)
        fault = check_areas(&it);
    if (fault == INVENTORY_OK)
        *ret_inventory = it;
    return fault;
}
