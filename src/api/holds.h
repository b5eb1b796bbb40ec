/* holds: how a hold is told. */
#ifndef ONSALE_API_HOLDS_H
#define ONSALE_API_HOLDS_H

#include "api/context.h"

/* Answers with the hold as it is now. */
void hold_answer(struct http_exchange *x, int status, const struct api_event *event,
                 const struct booking *b, struct id id, uint64_t barrier);
/* The hold of the path. False: it is none of this event's; the problem was answered. */
bool hold_of_path(struct http_exchange *x, const struct api_event *event, struct id *ret_id);

#endif
