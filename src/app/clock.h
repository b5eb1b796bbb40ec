/*
 * clock: the house's time (architecture 4): microseconds since 1970 that never go back and never
 * jump. It runs on the boot clock from an anchor taken from the wall clock at the start; when the
 * wall clock is set, the anchor follows it by at most 500 millionths.
 *
 * The arithmetic is pure: readings of both clocks come in, so that the simulator can be the clocks.
 * clock_wall_us and clock_boot_us are the real ones. Thread: the loop's.
 */
#ifndef ONSALE_APP_CLOCK_H
#define ONSALE_APP_CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t anchor_us; /* house time = anchor + boot time */
    uint64_t slewed_us; /* boot time of the last slew */
};

/* What both clocks show, in microseconds: since 1970, and since this machine was started. */
struct clock_reading {
    uint64_t wall_us, boot_us;
};

void clock_init(struct clock *clock, struct clock_reading reading);
/* The house's time is this or later from now on: after a start the time of the journal's last row.
 * A wall clock that was set back while the house was closed must not stop the time, or no hold
 * would run out until it has caught up. */
void clock_not_before(struct clock *clock, uint64_t least_us, uint64_t boot_us);
uint64_t clock_now_us(const struct clock *clock, uint64_t boot_us);
/* Call about once a second. */
void clock_slew(struct clock *clock, struct clock_reading reading);

uint64_t clock_wall_us(void); /* CLOCK_REALTIME */
uint64_t clock_boot_us(void); /* CLOCK_BOOTTIME */
struct clock_reading clock_read(void);

#endif
