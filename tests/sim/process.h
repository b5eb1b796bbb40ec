/*
 * process: the life of the simulated process: its memory, and where it dies. Everything that
 * production code allocates while it runs inside process_run belongs to the process; when it dies,
 * all of it is given back at once, as the kernel would.
 */
#ifndef ONSALE_TESTS_SIM_PROCESS_H
#define ONSALE_TESTS_SIM_PROCESS_H

#include "sim.h"

/* Once for the program: numbers the crash points by name. */
void process_init(void);
uint32_t process_point_count(void);
const char *process_point_name(uint32_t point);
uint64_t process_point_reached(uint32_t point); /* since the program began */

/* Runs production code. False: it died in there; process_bury must follow. */
bool process_run(struct sim *s, void (*run)(struct sim *s, void *argument), void *argument);
/* Gives back all memory of the process. */
void process_bury(void);
/* Ends the process from within; also what a fatal error of the journal comes to. */
__attribute__((noreturn)) void process_die(struct sim *s);

/* Lets the process die after about so many crash points were reached, or, for rare points, as soon
 * as one chosen by chance is met. 0: never. */
void process_arm(struct sim *s, struct random *random, uint32_t crash_every);
/* Where it died last; process_point_count when it was not at a crash point. */
uint32_t process_died_at(void);
/* How many allocations in a million fail. */
void process_memory_short(uint32_t rate, struct random *random);
/* Bytes that the process holds now; for leaks after an orderly end. */
size_t process_blocks(void);
/* An allocation failed since the process began. */
bool process_memory_was_short(void);

/* World code inside the process (ports): what it allocates is not the process's. */
bool process_pause(void);
void process_resume(bool was);
static inline void process_resume_at_end(const bool *was)
{
    process_resume(*was);
}
#define WORLD_BEGIN() \
    __attribute__((cleanup(process_resume_at_end), unused)) const bool was_process = process_pause()

#endif
