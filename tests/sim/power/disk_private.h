/*
 * disk_private: what the parts of the disk share: disk.c (calls), disk_loss.c (loss of power),
 * disk_vfs.c (SQLite's view of it).
 */
#ifndef ONSALE_SIM_POWER_DISK_PRIVATE_H
#define ONSALE_SIM_POWER_DISK_PRIVATE_H

#include "sim/power/disk.h"
#include "sim/random.h"

#include <sqlite3.h>

#define DISK_NAME_BYTES 64
#define DISK_HANDLES 64

struct disk_bytes {
    unsigned char *data;
    size_t len, cap; /* bytes from len to cap are zero */
};

/* Something done to a file since its last sync. */
struct disk_write {
    bool resize; /* to `at` bytes; otherwise `len` bytes were written from `at` on */
    uint64_t at;
    size_t len;
    unsigned char *data;
};

struct disk_name {
    char text[DISK_NAME_BYTES];
    uint32_t node;
};

struct disk_names {
    struct disk_name *list;
    size_t count, cap;
};

/* Something done to a folder since its last sync: `gone` (if not empty) is taken out, then `made`
 * (if not empty) names `node`. */
struct disk_change {
    char gone[DISK_NAME_BYTES], made[DISK_NAME_BYTES];
    uint32_t node;
};

/* Who holds SQLite's locks on a file. */
struct disk_locks {
    unsigned shared;
    const void *reserved, *exclusive;
};

struct disk_node {
    bool used, folder;
    struct disk_bytes seen, safe;
    struct disk_write *writes;
    size_t write_count, write_cap;
    struct disk_names seen_names, safe_names;
    struct disk_change *changes;
    size_t change_count, change_cap;
    struct disk_locks locks;
};

struct disk_handle {
    bool used;
    uint32_t node;
};

struct disk {
    struct files files;
    sqlite3_vfs vfs;
    char vfs_name[24];
    struct disk_node *nodes; /* 0 is the root */
    size_t node_count, node_cap;
    size_t collect_at; /* how many nodes there may be until unnamed ones are looked for */
    struct disk_handle handles[DISK_HANDLES];
    unsigned open_count;
    struct random fate_random, fault_random, salt_random; /* the last for SQLite */
    struct disk_faults faults;
    struct disk_counts counts;
    uint64_t die_at, fail_at, trace;
    int fail_cause;
    bool dead, no_space;
    void (*meanwhile)(void *context);
    void *meanwhile_context;
    const char *synchronous;
    FILE *tell;
    int last_errno;
};

/* Memory that grows by doubling; ends the program when there is none. */
void *disk_grow(void *list, size_t count, size_t *cap, size_t item_bytes);
#define DISK_GROW(list, count, cap) ((list) = disk_grow((list), (count), &(cap), sizeof *(list)))

void disk_bytes_resize(struct disk_bytes *bytes, size_t len);
void disk_bytes_write(struct disk_bytes *bytes, uint64_t at, const unsigned char *data, size_t len);

void disk_apply_change(struct disk_names *names, const struct disk_change *change);
void disk_copy_names(struct disk_names *to, const struct disk_names *from);
void disk_forget_writes(struct disk_node *node);
void disk_free_node(struct disk_node *node);
/* Frees the nodes that no folder names any more and no handle holds. */
void disk_collect(struct disk *disk);

/* disk_loss.c: brings a file's writes to `safe`, all of them or what survives, and forgets them. */
void disk_apply_writes(struct disk_node *node);
void disk_lose_writes(struct disk *disk, struct disk_node *node, enum disk_fate fate);

/* As ftruncate(2). */
int disk_truncate(struct disk *disk, int fd, uint64_t size);

struct disk_node *disk_node_of(struct disk *disk, int fd);

/* disk_vfs.c */
void disk_register(struct disk *disk);
void disk_unregister(struct disk *disk);

#endif
