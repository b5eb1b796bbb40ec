/* clocks: the wall clock and the boot clock of the simulated machine. Both may run wrong. */
#ifndef ONSALE_TESTS_SIM_CLOCKS_H
#define ONSALE_TESTS_SIM_CLOCKS_H

#include "app/clock.h"
#include "sim.h"

struct clocks *clocks_create(struct sim *s);
void clocks_destroy(struct clocks *clocks);

struct clock_reading clocks_read(struct sim *s);
uint64_t clocks_boot_us(struct sim *s);
/* The machine was switched off: its boot clock begins anew. */
void clocks_reboot(struct sim *s);
/* One fault, drawn by chance: a step of the wall clock, another drift, a freeze. */
void clocks_fail(struct sim *s);
/* Everything runs right from now on. Steps that were made stay: nobody sets a clock back for us. */
void clocks_calm(struct sim *s);
/* True time that passed while the machine stood still. */
uint64_t clocks_still_us(const struct sim *s);
/* The boot clock shows one time and will catch up later. */
bool clocks_stuck(const struct sim *s);
/* For how long it does; 0: it does not. */
uint64_t clocks_stuck_us(const struct sim *s);
/* True time until the boot clock has gone on by `boot_us`, as far as one can tell. */
uint64_t clocks_true_us(const struct sim *s, uint64_t boot_us);

#endif
