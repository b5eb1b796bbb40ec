/*
 * clients: buyers and the organiser. This is the only place of the simulator that makes commands:
 * whoever adds one to src/booking/records.h adds it here. A client believes its answers, remembers
 * them, and asks again under the same key when none came.
 */
#ifndef ONSALE_TESTS_SIM_CLIENTS_H
#define ONSALE_TESTS_SIM_CLIENTS_H

#include "sim.h"

struct clients *clients_create(struct sim *s);
void clients_destroy(struct clients *clients);
void clients_begin(struct sim *s);
/* No request is under way, and nobody means to send one. */
bool clients_idle(const struct sim *s);

#endif
