/*
 * crash: named places at which the simulator lets the process die (tests/sim). In every other build
 * a crash point is nothing at all.
 *
 * A crash point stands where dying has a meaning of its own: before and after something becomes
 * durable, is told, is owed. It must not stand where memory of a library that the simulator does
 * not account for is held. Each name is used once. Thread: the engine's.
 */
#ifndef ONSALE_BASE_CRASH_H
#define ONSALE_BASE_CRASH_H

#ifdef ONSALE_CRASH_POINTS

#include <stdint.h>

struct crash_site {
    const char *name;
    uint64_t reached;
};

/* The simulator's: may leave by longjmp. */
void crash_reached(struct crash_site *site);

/* All sites are found through the section's borders, those that are never reached too. */
#define CRASH_POINT(name)                                                     \
    do {                                                                      \
        static struct crash_site crash_site_here = {name, 0};                 \
        static struct crash_site *const crash_site_kept                       \
            __attribute__((section("crash_sites"), used)) = &crash_site_here; \
        (void)crash_site_kept;                                                \
        crash_reached(&crash_site_here);                                      \
    } while (0)

#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
