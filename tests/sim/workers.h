/*
 * workers: runs the worlds of many seeds, in one process or in several side by side. A seed's world
 * is the same whichever process it runs in.
 */
#ifndef ONSALE_TESTS_SIM_WORKERS_H
#define ONSALE_TESTS_SIM_WORKERS_H

#include "sim.h"

#define WORKERS_MAX 64u

struct workers {
    uint64_t from, count; /* seeds */
    uint32_t jobs;        /* processes, 1 to WORKERS_MAX */
    bool hash;            /* the hash of each seed's trace is printed */
    const struct sim_options *options;
};

/* Runs them until one breaks an invariant; what was begun then is still brought to its end. Returns
 * 0, or 1 when one broke. `figures` are the sums of all. */
int workers_run(const struct workers *w, struct figures *figures);

#endif
