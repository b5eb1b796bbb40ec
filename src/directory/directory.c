#include "directory/directory.h"

#include <assert.h>

/* The state is a header and a table; look-ups by idempotency key scan it: events are made rarely.
 */
struct directory {
    uint32_t version, event_count;
    uint64_t last_ts_us;
    struct directory_event events[LIMIT_EVENTS];
};

_Static_assert(sizeof(struct directory_event) == 40, "no padding: the image is hashed as bytes");

size_t directory_memory_size(void)
{
    return sizeof(struct directory);
}

struct directory *directory_init(void *memory, size_t size)
{
    assert(size >= sizeof(struct directory));
    (void)size;
    struct directory *d = memory;
    d->version = DIRECTORY_IMAGE_VERSION;
    return d;
}

static bool key_is_set(struct hash16 key)
{
    static const struct hash16 none;
    return !hash16_equal(key, none);
}

enum directory_refusal directory_list_event(const struct directory *d,
                                            const struct directory_entry_event_listed *wanted,
                                            struct directory_entry *ret_entry, bool *ret_repeated)
{
    *ret_repeated = false;
    for (uint32_t i = 0; key_is_set(wanted->key) && i < d->event_count; i++) {
        const struct directory_event *event = &d->events[i];
        if (!hash16_equal(event->key, wanted->key))
            continue;
        if (event->request != wanted->request)
            return DIRECTORY_IDEMPOTENCY_MISMATCH;
        *ret_entry = (struct directory_entry){.number = DIRECTORY_ENTRY_event_listed};
        ret_entry->event_listed.partition = i + 1;
        ret_entry->event_listed.event_random = event->event_random;
        *ret_repeated = true;
        return DIRECTORY_OK;
    }
    if (d->event_count == LIMIT_EVENTS)
        return DIRECTORY_FULL;
    *ret_entry = (struct directory_entry){.number = DIRECTORY_ENTRY_event_listed};
    ret_entry->event_listed = *wanted;
    ret_entry->event_listed.partition = d->event_count + 1;
    return DIRECTORY_OK;
}

enum directory_refusal directory_revise_event(const struct directory *d, uint32_t partition,
                                              struct slice document,
                                              struct directory_entry *ret_entry)
{
    if (!directory_event(d, partition))
        return DIRECTORY_EVENT_UNKNOWN;
    *ret_entry = (struct directory_entry){.number = DIRECTORY_ENTRY_event_revised};
    ret_entry->event_revised = (struct directory_entry_event_revised){partition, document};
    return DIRECTORY_OK;
}

void directory_apply(struct directory *d, const struct directory_entry *entry, uint64_t ts_us)
{
    assert(ts_us > d->last_ts_us);
    d->last_ts_us = ts_us;
    if (entry->number != DIRECTORY_ENTRY_event_listed)
        return; /* a document is for readers */
    const struct directory_entry_event_listed *e = &entry->event_listed;
    assert(e->partition == d->event_count + 1 && d->event_count < LIMIT_EVENTS);
    d->events[d->event_count++] = (struct directory_event){
        .event_random = e->event_random,
        .organiser_random = e->organiser_random,
        .key = e->key,
        .request = e->request,
    };
}

uint32_t directory_event_count(const struct directory *d)
{
    return d->event_count;
}

const struct directory_event *directory_event(const struct directory *d, uint32_t partition)
{
    return partition >= 1 && partition <= d->event_count ? &d->events[partition - 1] : NULL;
}

struct slice directory_image(const struct directory *d)
{
    return slice_make(d, offsetof(struct directory, events) +
                             d->event_count * sizeof(struct directory_event));
}

bool directory_restore(struct directory *d, struct slice image)
{
    uint32_t head[2];
    if (image.len < offsetof(struct directory, events))
        return false;
    memcpy(head, image.data, sizeof head);
    if (head[0] != DIRECTORY_IMAGE_VERSION || head[1] > LIMIT_EVENTS ||
        image.len != offsetof(struct directory, events) + head[1] * sizeof(struct directory_event))
        return false;
    memcpy(d, image.data, image.len);
    return true;
}

struct hash128 directory_hash(const struct directory *d)
{
    struct slice image = directory_image(d);
    return hash128_of(image.data, image.len);
}
