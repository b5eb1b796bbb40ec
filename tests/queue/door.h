/*
 * door: the machine of the waiting room as a crowd meets it. Visitors are numbers; who is refused
 * is told so. Every command goes through queue_decide and what it decided through queue_apply.
 */
#ifndef ONSALE_TESTS_QUEUE_DOOR_H
#define ONSALE_TESTS_QUEUE_DOOR_H

#include "queue/pace.h"

#include <stdbool.h>
#include <stdint.h>

struct door;

struct door_options {
    uint32_t places, priority_places, target_active, per_minute, claim_seconds, admission_seconds;
    uint64_t lobby_opens_at_us, opens_at_us;
};

struct door *door_create(const struct door_options *options);
void door_destroy(struct door *door);

enum door_answer { DOOR_OK, DOOR_NOT_CALLED, DOOR_MISSED, DOOR_OTHER };

/* Lanes: 0 general, 1 priority. */
enum door_answer door_join(struct door *door, uint32_t visitor, uint32_t lane, uint64_t now_us);
enum door_answer door_claim(struct door *door, uint32_t visitor, uint64_t now_us);
void door_leave(struct door *door, uint32_t visitor, uint64_t now_us);
void door_sold(struct door *door, uint32_t visitor, uint64_t now_us);
void door_call(struct door *door, const uint32_t call[2], uint64_t now_us);
void door_tick(struct door *door, uint64_t now_us);
void door_set_rate(struct door *door, uint32_t per_minute, uint64_t now_us);
void door_pause(struct door *door, bool pause, uint64_t now_us);
void door_credit_outage(struct door *door, uint64_t outage_us, uint64_t now_us);

/* Ranks below are called. */
uint32_t door_called(struct door *door, uint32_t lane, uint64_t now_us);
uint32_t door_admitted(struct door *door, uint64_t now_us);
/* UINT32_MAX: no rank, or none any more. */
uint32_t door_rank(struct door *door, uint32_t visitor, uint64_t now_us);
uint32_t door_ahead(struct door *door, uint32_t visitor, uint64_t now_us);
void door_measure(struct door *door, uint64_t now_us, struct pace_measure *ret_measure);
/* NULL: every invariant holds. */
const char *door_check(struct door *door);

#endif
