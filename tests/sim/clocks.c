#include "clocks.h"

#include <stdlib.h>

struct clocks {
    struct random random;
    uint64_t base_true_us, base_boot_us; /* since when the drift is what it is */
    int64_t drift_ppm;
    bool frozen;
    uint64_t freeze; /* number of the last one */
    uint64_t frozen_at_us, still_us;
    bool stands_still; /* while frozen no time passes, as on a paused machine */
    int64_t wall_offset_us;
};

struct clocks *clocks_create(struct sim *s)
{
    struct clocks *c = calloc(1, sizeof *c);
    c->random = sim_stream(s, 1);
    c->base_true_us = s->now_us;
    c->base_boot_us = random_below(&c->random, 1000 * HOUR_US);
    return c;
}

void clocks_destroy(struct clocks *clocks)
{
    free(clocks);
}

static uint64_t boot_running(const struct sim *s)
{
    const struct clocks *c = s->clocks;
    uint64_t passed = s->now_us - c->base_true_us;
    return c->base_boot_us +
           (uint64_t)((int64_t)passed + (int64_t)passed / 1000 * c->drift_ppm / 1000);
}

uint64_t clocks_boot_us(struct sim *s)
{
    return s->clocks->frozen ? s->clocks->base_boot_us : boot_running(s);
}

struct clock_reading clocks_read(struct sim *s)
{
    struct clock_reading reading = {
        .boot_us = clocks_boot_us(s),
        .wall_us = (uint64_t)((int64_t)s->now_us + s->clocks->wall_offset_us),
    };
    return reading;
}

static void rebase(struct sim *s)
{
    struct clocks *c = s->clocks;
    c->base_boot_us = clocks_boot_us(s);
    c->base_true_us = s->now_us;
}

/* The clock runs again: as if nothing had been, or no time has passed for the machine. */
static void go_on(struct sim *s)
{
    struct clocks *c = s->clocks;
    if (c->frozen && c->stands_still) {
        c->still_us += s->now_us - c->frozen_at_us;
        c->base_true_us = s->now_us;
    }
    c->frozen = false;
}

void clocks_reboot(struct sim *s)
{
    go_on(s);
    s->clocks->base_boot_us = random_between(&s->clocks->random, SECOND_US, 20 * SECOND_US);
    s->clocks->base_true_us = s->now_us;
}

static void thaw(struct sim *s, void *subject, uint64_t freeze)
{
    struct clocks *c = subject;
    if (!c->frozen || c->freeze != freeze)
        return;
    go_on(s);
    if (c->stands_still)
        TRACE(s, "the machine goes on: no time has passed for it");
    else
        TRACE(s, "the clock goes on");
}

static void step_wall(struct sim *s)
{
    struct clocks *c = s->clocks;
    uint64_t by = random_magnitude(&c->random, SECOND_US, HOUR_US);
    bool forward = random_below(&c->random, 2);
    c->wall_offset_us += forward ? (int64_t)by : -(int64_t)by;
    sim_fault(s, FAULT_CLOCK_STEP);
    TRACE(s, "the wall clock is set by # us, forward #", by, forward);
}

void clocks_fail(struct sim *s)
{
    struct clocks *c = s->clocks;
    switch (random_below(&c->random, 3)) {
    case 0: step_wall(s); break;
    case 1:
        if (c->frozen)
            break;
        rebase(s);
        c->drift_ppm = (int64_t)random_below(&c->random, 601) - 300;
        sim_fault(s, FAULT_CLOCK_DRIFT);
        TRACE(s, "the clock drifts by # - 300 ppm", (uint64_t)(c->drift_ppm + 300));
        break;
    default:
        if (c->frozen)
            break;
        if (random_below(&c->random, 2)) {
            rebase(s);
            c->stands_still = true;
        } else {
            /* The reading stays; the clock behind it runs on. */
            c->stands_still = false;
            rebase(s);
            c->drift_ppm = 0;
        }
        c->frozen = true;
        c->frozen_at_us = s->now_us;
        sim_fault(s, FAULT_CLOCK_FROZEN);
        TRACE(s, "the clock is frozen");
        schedule_in(s, random_magnitude(&c->random, 1000, 30 * SECOND_US), thaw, c, ++c->freeze);
    }
}

void clocks_calm(struct sim *s)
{
    struct clocks *c = s->clocks;
    go_on(s);
    rebase(s);
    c->drift_ppm = 0;
}

uint64_t clocks_true_us(const struct sim *s, uint64_t boot_us)
{
    return (uint64_t)((int64_t)boot_us - (int64_t)boot_us / 1000 * s->clocks->drift_ppm / 1000);
}

bool clocks_stuck(const struct sim *s)
{
    return s->clocks->frozen && !s->clocks->stands_still;
}

uint64_t clocks_stuck_us(const struct sim *s)
{
    return clocks_stuck(s) ? s->now_us - s->clocks->frozen_at_us : 0;
}

uint64_t clocks_still_us(const struct sim *s)
{
    const struct clocks *c = s->clocks;
    return c->still_us + (c->frozen && c->stands_still ? s->now_us - c->frozen_at_us : 0);
}
