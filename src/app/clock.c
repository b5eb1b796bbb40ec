#include "app/clock.h"

#include <time.h>

#define SLEW_PER_MILLION 500

void clock_init(struct clock *clock, struct clock_reading reading)
{
    clock->slewed_us = reading.boot_us;
    clock->anchor_us = reading.wall_us - reading.boot_us;
}

void clock_not_before(struct clock *clock, uint64_t least_us, uint64_t boot_us)
{
    if (clock_now_us(clock, boot_us) < least_us)
        clock->anchor_us = least_us - boot_us;
}

uint64_t clock_now_us(const struct clock *clock, uint64_t boot_us)
{
    return clock->anchor_us + boot_us;
}

void clock_slew(struct clock *clock, struct clock_reading reading)
{
    uint64_t step = (reading.boot_us - clock->slewed_us) * SLEW_PER_MILLION / 1000000u;
    uint64_t wanted = reading.wall_us - reading.boot_us;
    clock->slewed_us = reading.boot_us;
    if (wanted > clock->anchor_us)
        clock->anchor_us += wanted - clock->anchor_us < step ? wanted - clock->anchor_us : step;
    else
        clock->anchor_us -= clock->anchor_us - wanted < step ? clock->anchor_us - wanted : step;
}

/* ---- the real ones ---- */

static uint64_t read_us(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

uint64_t clock_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

struct clock_reading clock_read(void)
{
    struct clock_reading reading = {.boot_us = clock_boot_us()};
    reading.wall_us = clock_wall_us();
    return reading;
}
