/*
 * clock: the house's time (architecture 4): microseconds since 1970 that never go back and never
 * jump. It runs on CLOCK_BOOTTIME from an anchor taken from the wall clock at the start; when the
 * wall clock is set, the anchor follows it by at most 500 millionths. Thread: the loop's.
 */
#ifndef ONSALE_APP_CLOCK_H
#define ONSALE_APP_CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t anchor_us; /* house time = anchor + boot time */
    uint64_t slewed_us; /* boot time of the last slew */
};

void clock_init(struct clock *clock);
uint64_t clock_now_us(const struct clock *clock);
/* Call about once a second. */
void clock_slew(struct clock *clock);
uint64_t clock_wall_us(void);
uint64_t clock_boot_us(void);

#endif
