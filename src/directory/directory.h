/*
 * directory: the machine of partition 0. It knows each event's number, id and organiser, and gives
 * out new numbers. Pure like booking (see there); commands are plain functions because there are
 * two of them.
 *
 * Thread: the one that owns the machine. Memory: one zeroed block of directory_memory_size bytes.
 */
#ifndef ONSALE_DIRECTORY_DIRECTORY_H
#define ONSALE_DIRECTORY_DIRECTORY_H

#include "base/hash.h"
#include "base/limits.h"
#include "directory/records.h"

struct directory;

enum directory_refusal {
    DIRECTORY_OK,
    DIRECTORY_IDEMPOTENCY_MISMATCH,
    DIRECTORY_FULL, /* LIMIT_EVENTS events */
    DIRECTORY_EVENT_UNKNOWN,
};

struct directory_event {
    uint64_t event_random, organiser_random;
    struct hash16 key;
    uint64_t request;
};

size_t directory_memory_size(void);
struct directory *directory_init(void *memory, size_t size);

/* Decides on a new event. `wanted->partition` is ignored; the entry carries the number given out.
 * When the key was used by an equal request, *ret_repeated is true and *ret_entry names the
 * existing event. */
enum directory_refusal directory_list_event(const struct directory *d,
                                            const struct directory_entry_event_listed *wanted,
                                            struct directory_entry *ret_entry, bool *ret_repeated);
enum directory_refusal directory_revise_event(const struct directory *d, uint32_t partition,
                                              struct slice document,
                                              struct directory_entry *ret_entry);

void directory_apply(struct directory *d, const struct directory_entry *entry, uint64_t ts_us);

/* Events are partitions 1 .. n. */
uint32_t directory_event_count(const struct directory *d);
/* NULL when there is no such partition. */
const struct directory_event *directory_event(const struct directory *d, uint32_t partition);

#define DIRECTORY_IMAGE_VERSION 1u
struct slice directory_image(const struct directory *d);
bool directory_restore(struct directory *d,
                       struct slice image); /* into a fresh one; false: not one */
struct hash128 directory_hash(const struct directory *d);

#endif
