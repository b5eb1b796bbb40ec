/*
 * stream: GET /events/{id}/stream. A timer looks at the events that have streams; one whose board
 * has a newer version, and whose turn it is (every max(250 ms, viewers x 40 us)), gets one frame,
 * built once and shared by all its viewers. What a frame says is durable: boards change only after
 * commits, and the sale's state is told after the commit that changed it.
 */
#ifndef ONSALE_API_STREAM_H
#define ONSALE_API_STREAM_H

#include "engine/engine.h"

struct api;

/* An entry became durable: a change of the sale is news for its streams. */
void stream_entry(struct api *api, const struct engine_entry *entry);

#endif
