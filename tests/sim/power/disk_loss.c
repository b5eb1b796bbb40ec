/* The disk's loss of power: what is left of what was not synced. */
#include "sim/power/disk_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_LOST, PART_TORN, PART_KEPT };
static const char *const part_names[] = {"lost", "torn", "kept"};

static enum disk_fate draw(struct disk *d, enum disk_fate fate)
{
    return fate == DISK_DRAWN ? (enum disk_fate)random_below(&d->fate_random, DISK_FATES) : fate;
}

/* What becomes of number `i` of `count`; `chosen` is the one that fate has picked out. */
static enum part part_of(struct disk *d, enum disk_fate fate, size_t i, size_t chosen)
{
    switch (fate) {
    case DISK_KEEP_ALL: return PART_KEPT;
    case DISK_LOSE_ALL: return PART_LOST;
    case DISK_KEEP_FIRST: return i < chosen ? PART_KEPT : i == chosen ? PART_TORN : PART_LOST;
    case DISK_KEEP_SOME: return (enum part)random_below(&d->fate_random, 3);
    case DISK_LOSE_ONE: return i == chosen ? PART_LOST : PART_KEPT;
    case DISK_KEEP_LAST: return i < chosen ? PART_LOST : PART_KEPT;
    default: return PART_TORN;
    }
}

/* Writes some sectors of a write and not others; now and then one that was being written when the
 * power went is neither old nor new. */
static void tear(struct disk *d, struct disk_bytes *safe, const struct disk_write *w)
{
    bool first_part = random_below(&d->fate_random, 2) == 0;
    bool garble = random_below(&d->fate_random, 8) == 0;
    uint64_t end = w->at + w->len;
    for (uint64_t at = w->at; at < end;) {
        uint64_t next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
        size_t len = (size_t)((next < end ? next : end) - at);
        if (random_below(&d->fate_random, 2) == 0) {
            disk_bytes_write(safe, at, w->data + (at - w->at), len);
        } else if (garble) {
            unsigned char noise[DISK_SECTOR];
            for (size_t i = 0; i < len; i++)
                noise[i] = (unsigned char)random_next(&d->fate_random);
            disk_bytes_write(safe, at, noise, len);
            garble = false;
        } else if (first_part) {
            return;
        }
        at += len;
    }
}

void disk_apply_writes(struct disk_node *node)
{
    for (size_t i = 0; i < node->write_count; i++) {
        const struct disk_write *w = &node->writes[i];
        if (w->resize)
            disk_bytes_resize(&node->safe, w->at);
        else
            disk_bytes_write(&node->safe, w->at, w->data, w->len);
    }
    disk_forget_writes(node);
}

static void resolve_write(struct disk *d, struct disk_bytes *safe, const struct disk_write *w,
                          enum part part)
{
    if (w->resize) {
        if (part == PART_KEPT || (part == PART_TORN && random_below(&d->fate_random, 2) == 0))
            disk_bytes_resize(safe, w->at);
    } else if (part == PART_KEPT) {
        disk_bytes_write(safe, w->at, w->data, w->len);
    } else if (part == PART_TORN) {
        tear(d, safe, w);
    }
}

void disk_lose_writes(struct disk *d, struct disk_node *node, enum disk_fate fate)
{
    fate = draw(d, fate);
    size_t chosen =
        node->write_count ? (size_t)random_below(&d->fate_random, node->write_count) : 0;
    bool lost = false;
    for (size_t i = 0; i < node->write_count; i++) {
        enum part part = part_of(d, fate, i, chosen);
        if (d->tell)
            (void)fprintf(d->tell, "         %s write node %u at %llu len %zu\n", part_names[part],
                          (unsigned)(node - d->nodes), (unsigned long long)node->writes[i].at,
                          node->writes[i].len);
        resolve_write(d, &node->safe, &node->writes[i], part);
        d->counts.writes_kept += part == PART_KEPT;
        d->counts.writes_torn += part == PART_TORN;
        d->counts.writes_lost += part == PART_LOST;
        d->counts.writes_reordered += part != PART_LOST && lost;
        lost = lost || part == PART_LOST;
    }
    /* A file's length is kept apart from its bytes. */
    if (node->safe.len < node->seen.len && random_below(&d->fate_random, 3) == 0)
        disk_bytes_resize(&node->safe, node->seen.len);
    disk_forget_writes(node);
}

static void resolve_changes(struct disk *d, struct disk_node *node, enum disk_fate fate)
{
    fate = draw(d, fate);
    size_t chosen =
        node->change_count ? (size_t)random_below(&d->fate_random, node->change_count) : 0;
    for (size_t i = 0; i < node->change_count; i++) {
        enum part part = part_of(d, fate, i, chosen);
        const struct disk_change *change = &node->changes[i];
        bool kept =
            part == PART_KEPT || (part == PART_TORN && random_below(&d->fate_random, 2) == 0);
        if (kept)
            disk_apply_change(&node->safe_names, change);
        if (d->tell)
            (void)fprintf(d->tell, "         %s names: -%s +%s node %u\n", kept ? "kept" : "lost",
                          change->gone, change->made, change->node);
        d->counts.names_kept += kept;
        d->counts.names_lost += !kept;
    }
    node->change_count = 0;
    disk_copy_names(&node->seen_names, &node->safe_names);
}

static void resolve(struct disk *d, uint32_t at, enum disk_fate fate, bool *reached)
{
    struct disk_node *node = &d->nodes[at];
    if (reached[at])
        return;
    reached[at] = true;
    if (node->folder) {
        resolve_changes(d, node, fate);
        for (size_t i = 0; i < node->safe_names.count; i++)
            resolve(d, node->safe_names.list[i].node, fate, reached);
        return;
    }
    disk_lose_writes(d, node, fate);
    disk_bytes_resize(&node->seen, 0);
    disk_bytes_resize(&node->seen, node->safe.len);
    disk_bytes_write(&node->seen, 0, node->safe.data, node->safe.len);
}

static void start_again(struct disk *d)
{
    assert(d->open_count == 0);
    d->dead = false;
    d->die_at = 0;
}

void disk_restart_killed(struct disk *d)
{
    start_again(d);
    if (d->tell)
        (void)fprintf(d->tell, "         killed\n");
    d->counts.kills++;
}

void disk_restart_without_power(struct disk *d, enum disk_fate fate)
{
    start_again(d);
    if (d->tell)
        (void)fprintf(d->tell, "         power lost\n");
    d->counts.losses++;
    bool *reached = calloc(d->node_count, sizeof *reached);
    if (!reached)
        abort();
    resolve(d, 0, fate, reached);
    free(reached);
    disk_collect(d);
}
