/* The inventory's bytes: each fault once, and that nothing is read beyond the end. */
#include "booking/inventory.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two blocks (seats 2, 0 and 1), two categories, one area of 5 units. */
enum { WORD_BLOCKS = 6, WORD_SEATS = 10, WORD_COSTS = 13, BYTE_CATEGORIES = 64, SIZE = 75 };
static const uint32_t good_words[] = {INVENTORY_VERSION,
                                      3,
                                      2,
                                      1,
                                      2,
                                      2, /* header */
                                      0,
                                      2,
                                      1,
                                      1, /* blocks */
                                      2,
                                      0,
                                      1, /* seats */
                                      7,
                                      0,
                                      INVENTORY_COST_MAX}; /* costs */

static void make_good(unsigned char bytes[SIZE])
{
    const uint32_t area[2] = {5, 1};
    memcpy(bytes, good_words, sizeof good_words);
    bytes[BYTE_CATEGORIES] = 0;
    bytes[BYTE_CATEGORIES + 1] = 1;
    bytes[BYTE_CATEGORIES + 2] = 1;
    memcpy(bytes + BYTE_CATEGORIES + 3, area, sizeof area);
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
    assert_ptr_equal(it.areas, bytes + BYTE_CATEGORIES + 3);
}

struct change {
    const char *what;
    size_t at; /* byte */
    uint32_t value;
    enum inventory_fault fault;
};

static const struct change changes[] = {
    {"another version", 0, 2, INVENTORY_VERSION_UNKNOWN},
    {"too many seats", 4, LIMIT_UNITS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"more seats than bytes", 4, 100, INVENTORY_CUT_SHORT},
    {"more blocks than seats", 8, 4, INVENTORY_OUT_OF_BOUNDS},
    {"too many areas", 12, LIMIT_AREAS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"more areas than bytes", 12, 2, INVENTORY_CUT_SHORT},
    {"fewer areas than bytes", 12, 0, INVENTORY_OUT_OF_BOUNDS},
    {"too many sections", 16, LIMIT_SECTIONS + 1, INVENTORY_OUT_OF_BOUNDS},
    {"too many categories", 20, LIMIT_PRICE_CATEGORIES + 1, INVENTORY_OUT_OF_BOUNDS},
    {"no category", 20, 0, INVENTORY_OUT_OF_BOUNDS},
    {"a section that is not there", 24, 2, INVENTORY_OUT_OF_BOUNDS},
    {"an empty block", 28, 0, INVENTORY_OUT_OF_BOUNDS},
    {"a block too long", 28, 3, INVENTORY_OUT_OF_BOUNDS},
    {"a block that overflows", 28, UINT32_MAX, INVENTORY_OUT_OF_BOUNDS},
    {"a seat twice", 40, 0, INVENTORY_SEAT_TWICE},
    {"a seat that is not there", 40, 3, INVENTORY_OUT_OF_BOUNDS},
    {"a cost too high", 52, INVENTORY_COST_MAX + 1, INVENTORY_OUT_OF_BOUNDS},
    {"a category that is not there", 63, 0x02ffffff, INVENTORY_OUT_OF_BOUNDS},
    {"an empty area", 67, 0, INVENTORY_OUT_OF_BOUNDS},
    {"an area too large", 67, LIMIT_UNITS, INVENTORY_OUT_OF_BOUNDS},
    {"an area's category that is not there", 71, 2, INVENTORY_OUT_OF_BOUNDS},
};

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
    const uint32_t words[6] = {INVENTORY_VERSION, 0, 0, 0, 0, 0};
    struct inventory it;
    assert_int_equal(read_bytes(words, sizeof words, &it), INVENTORY_EMPTY);
}

static void areas_alone_are_enough(void **state)
{
    (void)state;
    const uint32_t words[8] = {INVENTORY_VERSION, 0, 0, 1, 0, 1, LIMIT_UNITS, 0};
    struct inventory it;
    assert_int_equal(read_bytes(words, sizeof words, &it), INVENTORY_OK);
    assert_int_equal(it.unit_count, LIMIT_UNITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_inventory_is_read),
        cmocka_unit_test(each_fault_is_found),
        cmocka_unit_test(every_shorter_piece_is_cut_short),
        cmocka_unit_test(nothing_to_sell_is_empty),
        cmocka_unit_test(areas_alone_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
