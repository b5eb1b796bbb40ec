/*
 * host: what src/app/house.c does, on simulated clocks: puts engine, cashier and outbox together,
 * gives them their ports, runs the turns of the loop, keeps every answer back until what it could
 * have seen is durable, takes snapshots, starts and stops.
 */
#ifndef ONSALE_TESTS_SIM_HOST_H
#define ONSALE_TESTS_SIM_HOST_H

#include "cashier/cashier.h"
#include "engine/engine.h"
#include "sim.h"

/* A request to the house: a buyer's, an organiser's, the provider's webhook. Embedded in the
 * asker's own struct. */
struct ask {
    /* Inside the process, when it arrives. Sets `barrier`. */
    void (*perform)(struct sim *s, struct ask *ask);
    /* When the answer is there, or (`lost`) when it is clear that none will come. The asker's
     * memory again. */
    void (*answered)(struct sim *s, struct ask *ask);
    bool lost;
    bool performed;
    uint64_t barrier;
    /* the host's */
    uint64_t seen_entries;
    bool waits;
    struct ask *next, *previous;
};

struct host *host_create(struct sim *s);
void host_destroy(struct sim *s, struct host *host);
/* The first start. */
void host_begin(struct sim *s);
bool host_is_up(const struct sim *s);
uint64_t host_starts_us(const struct sim *s);      /* true time of the next start; 0: it is up */
bool host_writable(const struct sim *s);           /* the disk takes rows */
struct engine *host_engine(const struct sim *s);   /* only while it is up */
struct cashier *host_cashier(const struct sim *s); /* likewise */
struct payments_counters host_payments(const struct sim *s); /* both outboxes together */
uint64_t host_now_us(struct sim *s); /* the house's time, as the process would tell it */
/* True time until the house's clock shows `at_us`; 0 when it does already. */
uint64_t host_true_us_until(struct sim *s, uint64_t at_us);

/* Sends a request; it arrives after `latency_us`. */
void host_ask(struct sim *s, struct ask *ask, uint64_t latency_us);
/* Runs production code as one event of the loop, if the process lives, with the end of the turn. */
void host_turn(struct sim *s, void (*run)(struct sim *s, void *argument), void *argument);
/* The number of this start: what belonged to an earlier one is gone. */
uint64_t host_epoch(const struct sim *s);
/* A provider's answer to a request of this start. */
void host_provider_answers(struct sim *s, uint8_t house, uint64_t epoch, uint64_t ticket,
                           const struct stripe_reply *reply);
/* A genuine webhook of a provider, within an ask's perform: as cashier_webhook. */
bool host_webhook(struct sim *s, uint8_t house, const struct stripe_event *event,
                  uint64_t *ret_barrier);
/* The provider at which a new order should be paid; false: at none of them now. */
bool host_checkout(struct sim *s, uint8_t *ret_house);
/* Of a provider, as the house knows it. */
const struct stripe_account *host_account(uint8_t house);
/* Dies now: kill -9, or with `power` the plug. */
void host_kill(struct sim *s, bool power);
/* Something happened that few processes die at: this one may, within a tick, if any does in this
 * world. */
void host_tempt(struct sim *s);
/* Faults are over. */
void host_calm(struct sim *s);
/* True time for which the doors were open, all together. */
uint64_t host_open_us(const struct sim *s);
/* True time at which it was up and could decide nothing, all together; a tick more or less. */
uint64_t host_halted_us(const struct sim *s);
/* Nothing is under way in the house. */
bool host_idle(const struct sim *s);

#endif
