#include "app/clock.h"

#include <time.h>

#define SLEW_PER_MILLION 500

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

void clock_init(struct clock *clock)
{
    clock->slewed_us = clock_boot_us();
    clock->anchor_us = clock_wall_us() - clock->slewed_us;
}

uint64_t clock_now_us(const struct clock *clock)
{
    return clock->anchor_us + clock_boot_us();
}

void clock_slew(struct clock *clock)
{
    uint64_t boot = clock_boot_us();
    uint64_t step = (boot - clock->slewed_us) * SLEW_PER_MILLION / 1000000u;
    uint64_t wanted = clock_wall_us() - boot;
    clock->slewed_us = boot;
    if (wanted > clock->anchor_us)
        clock->anchor_us += wanted - clock->anchor_us < step ? wanted - clock->anchor_us : step;
    else
        clock->anchor_us -= clock->anchor_us - wanted < step ? clock->anchor_us - wanted : step;
}
