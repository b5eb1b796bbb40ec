/* The inventory's bytes: each fault once, and that nothing is read beyond the end. */
#include "booking/inventory.h"

#include "base/limits.h"
#include "booking/booking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two blocks (seats 2, 0 and 1), two categories, one area of 5 units; seat 0 is accessible, 2 its
 * companion; 1 and 2 are sold together. */
enum {
    WORD_SPECIAL = 6,
    WORD_BLOCKS = 9,
    WORD_SEATS = 13,
    WORD_COSTS = 16,
    BYTE_CATEGORIES = 76,
    BYTE_AREAS = 79,
    BYTE_SPECIALS = 87,
    BYTE_GROUPS = 111,
    BYTE_GROUPED = 115,
    SIZE = 123
};
/* clang-format off */
static const uint32_t good_words[] = {
    INVENTORY_VERSION, 3, 2, 1, 2, 2, 2, 1, 2, /* header */
    0, 2, 1, 1,                                /* blocks */
    2, 0, 1,                                   /* seats */
    7, 0, INVENTORY_COST_MAX,                  /* costs */
};
static const uint32_t good_tail[] = {
    5, 1,                                             /* the area */
    0, BOOKING_KIND_ACCESSIBLE, INVENTORY_NO_SEAT,    /* special seats */
    2, BOOKING_KIND_COMPANION, 0,
    2,                                                /* groups */
    1, 2,                                             /* and who is in them */
};
/* clang-format on */
_Static_assert(sizeof good_words == BYTE_CATEGORIES && sizeof good_tail == SIZE - BYTE_AREAS,
               "the bytes stand where the tests look for them");

static void make_good(unsigned char bytes[SIZE])
{
    static const unsigned char categories[3] = {0, 1, 1};
    memcpy(bytes, good_words, sizeof good_words);
    memcpy(bytes + BYTE_CATEGORIES, categories, sizeof categories);
    memcpy(bytes + BYTE_AREAS, good_tail, sizeof good_tail);
}

static enum inventory_fault read_bytes(const void *data, size_t len, struct inventory *ret)
{
    uint64_t scratch[1] = {~0ull}; /* not zeroed on purpose */
    void *exact = malloc(len ? len : 1);
    memcpy(exact, data, len); /* so that the sanitizer sees one byte too far */
    enum inventory_fault fault = inventory_read(slice_make(exact, len), scratch, ret);
    free(exact);
    return fault;
}

static void a_good_inventory_is_read(void **state)
{
    (void)state;
    unsigned char bytes[SIZE];
    uint64_t scratch[1] = {~0ull};
    struct inventory it;
    make_good(bytes);
    assert_int_equal(inventory_read(slice_make(bytes, SIZE), scratch, &it), INVENTORY_OK);
    assert_int_equal(it.seat_count, 3);
    assert_int_equal(it.block_count, 2);
    assert_int_equal(it.area_count, 1);
    assert_int_equal(it.section_count, 2);
    assert_int_equal(it.category_count, 2);
    assert_int_equal(it.unit_count, 8);
    assert_ptr_equal(it.blocks, bytes + 4 * WORD_BLOCKS);
    assert_ptr_equal(it.seats, bytes + 4 * WORD_SEATS);
    assert_ptr_equal(it.costs, bytes + 4 * WORD_COSTS);
    assert_ptr_equal(it.categories, bytes + BYTE_CATEGORIES);
    assert_ptr_equal(it.areas, bytes + BYTE_AREAS);
    assert_int_equal(it.special_count, 2);
    assert_int_equal(it.group_count, 1);
    assert_int_equal(it.grouped_count, 2);
    assert_ptr_equal(it.specials, bytes + BYTE_SPECIALS);
    assert_ptr_equal(it.groups, bytes + BYTE_GROUPS);
    assert_ptr_equal(it.grouped, bytes + BYTE_GROUPED);
}

/* What was written before seats had kinds and groups means what it meant. */
static void an_inventory_of_version_1_is_read(void **state)
{
    (void)state;
    unsigned char good[SIZE], old[SIZE];
    struct inventory it;
    const uint32_t version = 1;
    make_good(good);
    memcpy(old, good, INVENTORY_HEADER_BYTES_1);
    memcpy(old, &version, 4);
    memcpy(old + INVENTORY_HEADER_BYTES_1, good + INVENTORY_HEADER_BYTES,
           BYTE_SPECIALS - INVENTORY_HEADER_BYTES);
    size_t size = BYTE_SPECIALS - INVENTORY_HEADER_BYTES + INVENTORY_HEADER_BYTES_1;
    assert_int_equal(read_bytes(old, size, &it), INVENTORY_OK);
    assert_int_equal(it.seat_count, 3);
    assert_int_equal(it.unit_count, 8);
    assert_int_equal(it.special_count, 0);
    assert_int_equal(it.group_count, 0);
    for (size_t len = 0; len < size; len++)
        assert_int_equal(read_bytes(old, len, &it), INVENTORY_CUT_SHORT);
    assert_int_equal(read_bytes(old, size + 1, &it), INVENTORY_OUT_OF_BOUNDS);
}

struct change {
    const char *what;
    size_t at; /* byte */
    uint32_t value;
    enum inventory_fault fault;
};

static const struct change changes[] = {
    {"version 0", 0, 0, INVENTORY_VERSION_UNKNOWN},
    {"a later version", 0, INVENTORY_VERSION + 1, INVENTORY_VERSION_UNKNOWN},
    {"too many seats", 4, LIMIT_UNITS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"more seats than bytes", 4, 100, INVENTORY_CUT_SHORT},
    {"more blocks than seats", 8, 4, INVENTORY_OUT_OF_BOUNDS},
    {"too many areas", 12, LIMIT_AREAS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"more areas than bytes", 12, 7, INVENTORY_CUT_SHORT},
    {"fewer areas than bytes", 12, 0, INVENTORY_OUT_OF_BOUNDS},
    {"too many sections", 16, LIMIT_SECTIONS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"too many categories", 20, LIMIT_PRICE_CATEGORIES + 1, INVENTORY_OUT_OF_BOUNDS},
    {"no category", 20, 0, INVENTORY_OUT_OF_BOUNDS},
    {"more special seats than seats", 24, 4, INVENTORY_OUT_OF_BOUNDS},
    {"more special seats than bytes", 24, 3, INVENTORY_CUT_SHORT},
    {"fewer special seats than bytes", 24, 1, INVENTORY_OUT_OF_BOUNDS},
    {"more groups than seats in them", 28, 3, INVENTORY_OUT_OF_BOUNDS},
    {"more groups than bytes", 28, 2, INVENTORY_CUT_SHORT},
    {"more seats in groups than seats", 32, 4, INVENTORY_OUT_OF_BOUNDS},
    {"a section that is not there", 36, 2, INVENTORY_OUT_OF_BOUNDS},
    {"an empty block", 40, 0, INVENTORY_OUT_OF_BOUNDS},
    {"a block too long", 40, 3, INVENTORY_OUT_OF_BOUNDS},
    {"a block that overflows", 40, UINT32_MAX, INVENTORY_OUT_OF_BOUNDS},
    {"a seat twice", 52, 0, INVENTORY_SEAT_TWICE},
    {"a seat that is not there", 52, 3, INVENTORY_OUT_OF_BOUNDS},
    {"a cost too high", 64, INVENTORY_COST_MAX + 1, INVENTORY_OUT_OF_BOUNDS},
    {"a category that is not there", 75, 0x02ffffff, INVENTORY_OUT_OF_BOUNDS},
    {"an empty area", BYTE_AREAS, 0, INVENTORY_OUT_OF_BOUNDS},
    {"an area too large", BYTE_AREAS, LIMIT_UNITS, INVENTORY_OUT_OF_BOUNDS},
    {"an area's category that is not there", BYTE_AREAS + 4, 2, INVENTORY_OUT_OF_BOUNDS},
    {"a special seat that is not there", BYTE_SPECIALS + 12, 3, INVENTORY_OUT_OF_BOUNDS},
    {"special seats that do not rise", BYTE_SPECIALS + 12, 0, INVENTORY_OUT_OF_BOUNDS},
    {"a kind that is not there", BYTE_SPECIALS + 4, BOOKING_KIND_COUNT, INVENTORY_OUT_OF_BOUNDS},
    {"a companion of no seat", BYTE_SPECIALS + 20, 3, INVENTORY_BAD_COMPANION},
    {"a companion of itself", BYTE_SPECIALS + 20, 2, INVENTORY_BAD_COMPANION},
    {"a seat of another kind with a seat", BYTE_SPECIALS + 8, 1, INVENTORY_BAD_COMPANION},
    {"a group of one", BYTE_GROUPS, 1, INVENTORY_BAD_GROUP},
    {"a group larger than a hold", BYTE_GROUPS, LIMIT_HOLD_UNITS + 1, INVENTORY_BAD_GROUP},
    {"a group of more than there are", BYTE_GROUPS, 3, INVENTORY_BAD_GROUP},
    {"a seat in groups twice", BYTE_GROUPED, 2, INVENTORY_SEAT_TWICE},
    {"a seat in a group that is not there", BYTE_GROUPED, 3, INVENTORY_OUT_OF_BOUNDS},
};

static void a_companion_of_a_companion_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[SIZE];
    struct inventory it;
    const uint32_t chain[3] = {0, BOOKING_KIND_COMPANION, 1};
    make_good(bytes);
    memcpy(bytes + BYTE_SPECIALS, chain, sizeof chain);
    assert_int_equal(read_bytes(bytes, SIZE, &it), INVENTORY_BAD_COMPANION);
}

static void each_fault_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        unsigned char bytes[SIZE];
        struct inventory it = {.seat_count = 99};
        make_good(bytes);
        memcpy(bytes + changes[i].at, &changes[i].value, 4);
        enum inventory_fault fault = read_bytes(bytes, SIZE, &it);
        if (fault != changes[i].fault)
            print_error("%s\n", changes[i].what);
        assert_int_equal(fault, changes[i].fault);
        assert_int_equal(it.seat_count, 99); /* outputs only on success */
    }
}

static void every_shorter_piece_is_cut_short(void **state)
{
    (void)state;
    unsigned char bytes[SIZE + 1] = {0};
    struct inventory it;
    make_good(bytes);
    for (size_t len = 0; len < SIZE; len++)
        assert_int_equal(read_bytes(bytes, len, &it), INVENTORY_CUT_SHORT);
    assert_int_equal(read_bytes(bytes, SIZE + 1, &it), INVENTORY_OUT_OF_BOUNDS);
}

static void nothing_to_sell_is_empty(void **state)
{
    (void)state;
    const uint32_t words[9] = {INVENTORY_VERSION, 0, 0, 0, 0, 0, 0, 0, 0};
    struct inventory it;
    assert_int_equal(read_bytes(words, sizeof words, &it), INVENTORY_EMPTY);
}

static void areas_alone_are_enough(void **state)
{
    (void)state;
    const uint32_t words[11] = {INVENTORY_VERSION, 0, 0, 1, 0, 1, 0, 0, 0, LIMIT_UNITS, 0};
    struct inventory it;
    assert_int_equal(read_bytes(words, sizeof words, &it), INVENTORY_OK);
    assert_int_equal(it.unit_count, LIMIT_UNITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_inventory_is_read),
        cmocka_unit_test(an_inventory_of_version_1_is_read),
        cmocka_unit_test(each_fault_is_found),
        cmocka_unit_test(a_companion_of_a_companion_is_refused),
        cmocka_unit_test(every_shorter_piece_is_cut_short),
        cmocka_unit_test(nothing_to_sell_is_empty),
        cmocka_unit_test(areas_alone_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
