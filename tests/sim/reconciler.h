/*
 * reconciler: what src/app/reconciler.c does, on simulated clocks: asks a provider for its lists,
 * page by page, lets src/cashier/reconcile compare, looks twice, and has cases opened for what it
 * believes. In some worlds now and then, while everything fails; in all of them once more when all
 * has ended. Then what it found must be exactly what differs (reconcile_audit.c).
 */
#ifndef ONSALE_TESTS_SIM_RECONCILER_H
#define ONSALE_TESTS_SIM_RECONCILER_H

#include "cashier/reconcile.h"
#include "sim.h"

#define RECONCILER_TICKET UINT64_MAX /* of requests for pages */

struct reconciler *reconciler_create(struct sim *s);
void reconciler_destroy(struct reconciler *reconciler);
void reconciler_begin(struct sim *s);
/* A provider's answer. */
void reconciler_listed(struct sim *s, const struct stripe_reply *reply);
/* The process ends in order: gives back what it has. Inside the process. */
void reconciler_stop(struct sim *s);
/* The process is gone, and what it had found with it. */
void reconciler_process_gone(struct sim *s);
/* To be asked when all is quiet: runs for the last time. True: it has. */
bool reconciler_last(struct sim *s);
/* What was found the last time is where a person sees it. */
void reconciler_end(struct sim *s);

/* ---- reconcile_audit.c ---- */

/* What was believed must be explained by something that happened there; the `last` time by
 * something that nobody told. */
void reconcile_audit(struct sim *s, uint8_t house, const struct reconcile *run, bool last);
/* Nothing is under way any more: what was believed must be what differs, no more and no less. */
void reconcile_audit_last(struct sim *s, uint8_t house, const struct reconcile *run);

#endif
