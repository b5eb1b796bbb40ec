/*
 * visitors: who comes to the waiting rooms, who runs them, and who calls. Visitors join early,
 * late, twice and from two tabs, stay away when they are called, come at the last microsecond, use
 * their admission or let it pass; an organiser opens rooms and changes them; a caller calls by
 * pace.h or by chance. What they are told goes to the auditor (rooms.h).
 */
#ifndef ONSALE_TESTS_SIM_VISITORS_H
#define ONSALE_TESTS_SIM_VISITORS_H

#include "sim.h"

struct visitors *visitors_create(struct sim *s);
void visitors_destroy(struct visitors *visitors);
/* All events are listed. */
void visitors_begin(struct sim *s);
/* Inside the process, once a second: calls who is next. */
void visitors_call(struct sim *s);
/* A tick now could have something to do in a waiting room. */
bool visitors_need_ticks(const struct sim *s);
/* No request is under way, and nobody means to send one. */
bool visitors_idle(const struct sim *s);

#endif
