/* The event that engines of tests sell: one category of 10.00 EUR and a fee of 1.00. Tests change
 * what they need of it before they list it. */
#ifndef ONSALE_TESTS_UNIT_LISTING_H
#define ONSALE_TESTS_UNIT_LISTING_H

#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* `inventory` is borrowed until it was listed. */
static inline struct engine_listing listing_of(struct slice inventory)
{
    static const uint64_t prices[1] = {1000}, fees[1] = {100};
    return (struct engine_listing){
        .listed = {.event_random = 11, .organiser_random = 12, .document = SLICE("{}")},
        .created = {.event_random = 11,
                    .organiser_random = 12,
                    .currency = SLICE("EUR"),
                    .hold_seconds = 600,
                    .pay_seconds = 900,
                    .per_buyer = 20,
                    .per_hold = 8,
                    .prices = {prices, 1},
                    .fees = {fees, 1},
                    .inventory = inventory},
    };
}

/* Lists it; returns its partition. */
static inline uint32_t listing_list(struct engine *engine, const struct engine_listing *listing,
                                    bool *ret_repeated)
{
    enum directory_refusal refusal;
    uint32_t partition;
    uint64_t barrier;
    struct err err = {""};
    if (engine_list_event(engine, listing, &refusal, &partition, ret_repeated, &barrier, &err) != 0)
        fail_msg("%s", err.detail);
    assert_int_equal(refusal, DIRECTORY_OK);
    return partition;
}

#endif
