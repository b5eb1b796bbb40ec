/*
 * onsale-power: lives of a journal whose disk loses power, for as long as wanted.
 *
 * Each seed is one journal that lives through so many losses of power. Ends with 1 when a promise
 * of the journal was broken; the seed repeats it.
 */
#include "sim/power/walks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "onsale-power [--seeds N] [--seed FIRST] [--losses N] [--bug normal|early|named] [--short]\n"
    "             [--no-faults] [--trace]\n"
    "\n"
    "  --seeds N      so many journals (100), from --seed FIRST (1)\n"
    "  --losses N     losses of power in the life of each (20)\n"
    "  --bug NAME     planted: synchronous=NORMAL, a row told durable too early, a snapshot named\n"
    "                 before it is synced\n"
    "  --short        the short life of each seed, with every operation singled out in every way\n"
    "  --no-faults    only losses of power and kills, no calls that fail\n"
    "  --trace        every operation, every loss and what became of each write\n";

struct wishes {
    uint64_t seeds, first;
    unsigned losses;
    enum trial_bug bug;
    bool every_operation, no_faults, tell;
};

static bool parse(int argc, char **argv, struct wishes *ret_wishes)
{
    static const char *const bugs[] = {"none", "normal", "early", "named"};
    struct wishes w = {.seeds = 100, .first = 1, .losses = 20};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--short") == 0) {
            w.every_operation = true;
            continue;
        }
        if (strcmp(argv[i], "--no-faults") == 0) {
            w.no_faults = true;
            continue;
        }
        if (strcmp(argv[i], "--trace") == 0) {
            w.tell = true;
            continue;
        }
        if (strcmp(argv[i], "--seeds") == 0) {
            w.seeds = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0) {
            w.first = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i], "--losses") == 0) {
            w.losses = (unsigned)strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--bug") == 0) {
            size_t bug = 0;
            while (bug < 4 && strcmp(bugs[bug], value) != 0)
                bug++;
            if (bug == 4)
                return false;
            w.bug = (enum trial_bug)bug;
        } else {
            return false;
        }
        i++;
    }
    *ret_wishes = w;
    return true;
}

static void tell_broken(const struct wishes *w, uint64_t seed, const char *how, const char *why)
{
    printf("seed %" PRIu64 "%s: %s\n", seed, how, why);
    printf("  again: onsale-power --seeds 1 --seed %" PRIu64 " --losses %u%s%s --trace\n", seed,
           w->losses, w->no_faults ? " --no-faults" : "", w->every_operation ? " --short" : "");
}

static void live_long(const struct wishes *w, struct walk_report *sum)
{
    for (uint64_t seed = w->first; seed < w->first + w->seeds; seed++) {
        sum->why[0] = '\0';
        uint64_t broken = sum->broken;
        sum->broken = 0; /* so that each one's reason is told */
        struct walk_wishes wishes = {seed, w->losses, w->no_faults, w->tell ? stdout : NULL,
                                     w->bug};
        if (!walk_random(&wishes, sum))
            tell_broken(w, seed, "", sum->why);
        sum->broken += broken;
    }
}

static void live_short(const struct wishes *w, struct walk_report *sum)
{
    static const char *const ends[] = {"power lost", "killed", "EIO", "ENOSPC"};
    for (uint64_t seed = w->first; seed < w->first + w->seeds; seed++) {
        uint64_t operations = walk_short_operations(seed);
        for (enum walk_end end = 0; end < WALK_ENDS; end++)
            for (uint64_t at = 1; at <= operations; at++)
                for (enum disk_fate fate = 0; fate <= DISK_DRAWN; fate++) {
                    uint64_t broken = sum->broken;
                    sum->broken = 0;
                    if (!walk_short(seed, end, at, fate, w->bug, sum)) {
                        char how[64];
                        (void)snprintf(how, sizeof how, ", %s at operation %" PRIu64 ", fate %d",
                                       ends[end], at, (int)fate);
                        tell_broken(w, seed, how, sum->why);
                    }
                    sum->broken += broken;
                }
    }
}

static void tell(const struct walk_report *r, double seconds)
{
    const struct trial_counts *t = &r->trial;
    const struct disk_counts *d = &r->disk;
    printf("ends       %" PRIu64 " losses of power, %" PRIu64 " kills, %" PRIu64
           " calls that failed; %" PRIu64 " openings, %" PRIu64 " that failed\n",
           d->losses, d->kills, d->faults, t->opens, t->failed_opens);
    printf("operations %" PRIu64 ", syncs %" PRIu64 ", files prepared or closed %" PRIu64 "\n",
           d->operations, d->syncs, t->files_prepared_or_closed);
    printf("unsynced   writes kept %" PRIu64 ", lost %" PRIu64 ", torn %" PRIu64
           ", kept after a lost one %" PRIu64 "; names kept %" PRIu64 ", lost %" PRIu64 "\n",
           d->writes_kept, d->writes_lost, d->writes_torn, d->writes_reordered, d->names_kept,
           d->names_lost);
    printf("rows       durable %" PRIu64 ", failed %" PRIu64 ", unknown %" PRIu64
           ", without space %" PRIu64 ", found of unheard %" PRIu64 "; %" PRIu64 " compared\n",
           t->durable, t->failed, t->unknown, t->no_space, t->found_of_unknown, t->rows_checked);
    printf("snapshots  %" PRIu64 " written, %" PRIu64 " compared\n", t->snapshots,
           t->snapshots_checked);
    printf("time       %.1f s\n", seconds);
}

int main(int argc, char **argv)
{
    struct wishes wishes;
    if (!parse(argc, argv, &wishes)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    static struct walk_report sum;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (wishes.every_operation)
        live_short(&wishes, &sum);
    else
        live_long(&wishes, &sum);
    clock_gettime(CLOCK_MONOTONIC, &to);
    tell(&sum, (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec));
    printf("%" PRIu64 " walks with a broken promise\n", sum.broken);
    return sum.broken ? 1 : 0;
}
