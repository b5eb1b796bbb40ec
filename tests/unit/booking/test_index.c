#include "booking/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The index against a plain list, with keys that crowd into a few homes and wrap around. */

#define MASK 63u
#define KEYS 40u

struct record {
    uint32_t other;
    struct hash16 key;
};

static struct hash16 key_of(uint32_t n)
{
    struct hash16 key = {{0}};
    key.bytes[0] = (uint8_t)(60 + n % 7); /* homes 60 .. 2 */
    key.bytes[4] = (uint8_t)(n % 3);
    key.bytes[15] = (uint8_t)n;
    return key;
}

static void a_crowded_index_finds_what_is_there_and_nothing_else(void **state)
{
    (void)state;
    static struct record records[KEYS];
    uint32_t index[MASK + 1] = {0};
    bool there[KEYS] = {false};
    uint64_t random = 88172645463325252u;
    for (uint32_t i = 0; i < KEYS; i++)
        records[i].key = key_of(i);
    for (unsigned step = 0; step < 20000; step++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t n = (uint32_t)(random >> 8) % KEYS;
        if (there[n])
            index_remove(index, MASK, records, sizeof *records, offsetof(struct record, key),
                         records[n].key);
        else
            index_add(index, MASK, records[n].key, n);
        there[n] = !there[n];
        for (uint32_t i = 0; i < KEYS; i++)
            assert_int_equal(index_find(index, MASK, records, sizeof *records,
                                        offsetof(struct record, key), records[i].key),
                             there[i] ? i : BOOKING_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowded_index_finds_what_is_there_and_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
