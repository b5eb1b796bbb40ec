/*
 * lockstep: the machine and the model side by side under random commands. World after world, each
 * small and short-lived, until enough commands were given. On the first difference it prints the
 * seed, the step, what differs and the commands that lead there, as few as it can find.
 */
#ifndef ONSALE_TESTS_MODEL_LOCKSTEP_H
#define ONSALE_TESTS_MODEL_LOCKSTEP_H

#include "model/deep.h"

struct lockstep_report {
    uint64_t commands, worlds, compared; /* compared: whole states */
    uint64_t by_command[BOOKING_COMMAND_COUNT_PLUS_ONE];
    uint64_t by_refusal[BOOKING_REFUSAL_COUNT]; /* OK: something was done */
    uint64_t by_entry[BOOKING_ENTRY_COUNT_PLUS_ONE];
    uint64_t by_choice[64];
    uint64_t by_end[8];
    uint64_t repeated;
    struct deep_report deep;
};

/* Gives `commands` commands; worlds are numbered from `seed` on. False: a difference was printed to
 * stderr. */
bool lockstep_run(uint64_t seed, uint64_t commands, struct lockstep_report *ret_report);

/* The report as text, and which commands, refusals, entries, choices and ends of orders never came
 * although they can: the number of them. */
unsigned lockstep_print(const struct lockstep_report *report, bool all);

#endif
