/*
 * lockstep: the naive reference model (tests/model) beside the house. Every command that the engine
 * decides is kept until what it decided is durable; then the model decides it too, and must come to
 * the same, and to the same state as the auditor's machine. What a crash undid, the model never
 * saw.
 */
#ifndef ONSALE_TESTS_SIM_LOCKSTEP_H
#define ONSALE_TESTS_SIM_LOCKSTEP_H

#include "sim.h"

struct lockstep *lockstep_create(struct sim *s);
void lockstep_destroy(struct lockstep *lockstep);
void lockstep_begin(struct sim *s, uint32_t event, const struct entry_event_created *created,
                    uint64_t ts_us);
/* Inside the process: the engine decided. */
void lockstep_decided(struct sim *s, const struct booking *b, const struct booking_command *command,
                      uint64_t ts_us, const struct booking_decision *decision);
/* An entry of the event became durable; and, at the end of its row, the machine that has applied
 * all of them. */
void lockstep_entry(struct sim *s, uint32_t event, uint64_t ts_us);
void lockstep_row(struct sim *s, uint32_t event, const struct booking *shadow);
/* A new process has read the journal: decisions that are not in it never were. */
void lockstep_recovered(struct sim *s);

#endif
