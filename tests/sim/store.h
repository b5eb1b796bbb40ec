/*
 * store: the journal a world stands on. A table of drivers (disk: our own model of a disk; others
 * join by name for --journal), and in front of each a tap: it delays what the driver answers, shows
 * every row that became durable to the auditor, and after a restart compares what is there with
 * what was promised.
 */
#ifndef ONSALE_TESTS_SIM_STORE_H
#define ONSALE_TESTS_SIM_STORE_H

#include "journal/driver.h"
#include "sim.h"

struct store_driver {
    const char *name;
    /* An empty disk, once a world. NULL: impossible. */
    void *(*create)(struct sim *s);
    void (*destroy)(void *disk);
    /* A process starts: opens the journal, as production code inside process_run. 0, or negative.
     */
    int (*open)(struct sim *s, void *disk, struct journal **ret_journal, struct err *err);
    /* The process is gone, or with `power` the whole machine. What it had opened is memory that no
     * longer exists. World code. */
    void (*crash)(struct sim *s, void *disk, bool power);
    /* The append that was made and not yet answered ends now: for drivers that do not answer
     * within the append. NULL: they do. Runs inside the process. */
    void (*complete)(struct sim *s, void *disk);
};

extern const struct store_driver store_disk;
extern const struct store_driver store_sqlite, store_sqlite_normal; /* power/store_sqlite.c */
/* By name, or NULL. */
const struct store_driver *store_driver(const char *name);

struct store *store_create(struct sim *s);
void store_destroy(struct sim *s, struct store *store);
/* Inside the process. */
int store_open(struct sim *s, struct journal **ret_journal, struct err *err) MUST_USE;
void store_crash(struct sim *s, bool power);
/* Rows that are known to be durable. */
uint64_t store_rows(const struct sim *s);

#endif
