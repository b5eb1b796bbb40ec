#include "guard/load.h"

#include "base/time.h"

void load_count(struct load *load, uint64_t now_us)
{
    uint64_t second = now_us / TIME_SECOND_US;
    if (second > load->second) {
        load->previous = second == load->second + 1 ? load->current : 0;
        load->current = 0;
        load->second = second;
    }
    if (load->current < UINT32_MAX)
        load->current++;
}

uint32_t load_per_second(const struct load *load, uint64_t now_us)
{
    uint64_t second = now_us / TIME_SECOND_US, into_us = now_us % TIME_SECOND_US;
    uint64_t before = load->previous, now = load->current;
    if (second == load->second + 1) {
        before = now;
        now = 0;
    } else if (second > load->second) {
        return 0;
    }
    uint64_t rate = now + before * (TIME_SECOND_US - into_us) / TIME_SECOND_US;
    return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}
