/*
 * What an append costs: rows a second of the SQLite driver with 1 and with 40 entries of 100 bytes
 * a row, and beside it what the disk itself does (write and fdatasync of the same bytes into a file
 * that was filled before). Usage: bench_journal [folder] [seconds a run]
 */
#include "journal/frame.h"
#include "journal/sqlite.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ENTRY_BYTES 100
#define PLAIN_FILE_BYTES (64 * 1024 * 1024)
#define SAMPLES 1000000

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float samples[SAMPLES];

static void report(const char *what, unsigned entries, size_t rows, double seconds)
{
    size_t n = rows < SAMPLES ? rows : SAMPLES;
    qsort(samples, n, sizeof *samples, compare_floats);
    printf("%-22s %3u entries a row: %8.0f rows/s %9.0f entries/s   p50 %5.0f us  p99 %6.0f us  "
           "max %7.0f us\n",
           what, entries, (double)rows / seconds, (double)rows * entries / seconds,
           (double)samples[n / 2] * 1e6, (double)samples[n * 99 / 100] * 1e6,
           (double)samples[n - 1] * 1e6);
    fflush(stdout);
}

static void make_body(struct buf *body, unsigned entries, uint64_t *pseq)
{
    buf_clear(body);
    for (unsigned i = 0; i < entries; i++) {
        char *entry = frame_open(body, 1, *pseq + 1, *pseq + 1, ENTRY_BYTES);
        if (!entry)
            abort();
        memset(entry, 'e', ENTRY_BYTES);
        frame_close(body, ENTRY_BYTES);
        ++*pseq;
    }
}

static void stop_on_failure(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)context;
    if (outcome != JOURNAL_DURABLE) {
        fprintf(stderr, "append: %s\n", err->detail);
        exit(1);
    }
}

static void run_sqlite(const char *folder, unsigned entries, double seconds)
{
    char dir[5000];
    (void)snprintf(dir, sizeof dir, "%s/journal-%u", folder, entries);
    struct journal *journal;
    struct err err;
    if (journal_sqlite_open(dir, NULL, &journal, &err) < 0) {
        fprintf(stderr, "%s\n", err.detail);
        exit(1);
    }
    BUF_AUTO struct buf body = BUF_INIT;
    uint64_t pseq = 0;
    size_t rows = 0;
    double begin = now(), last = begin;
    while (last - begin < seconds) {
        make_body(&body, entries, &pseq);
        journal_append(journal, pseq, buf_slice(&body), stop_on_failure, NULL);
        double t = now();
        samples[rows++ % SAMPLES] = (float)(t - last);
        last = t;
    }
    report("sqlite", entries, rows, last - begin);
    journal_destroy(journal);
}

static void run_plain(const char *folder, unsigned entries, double seconds)
{
    char path[5000];
    (void)snprintf(path, sizeof path, "%s/plain-%u", folder, entries);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    static char zeros[1 << 20];
    for (off_t at = 0; at < PLAIN_FILE_BYTES; at += (off_t)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) < 0)
            exit(1);
    if (fsync(fd) < 0)
        exit(1);
    BUF_AUTO struct buf body = BUF_INIT;
    uint64_t pseq = 0;
    size_t rows = 0;
    off_t at = 0;
    double begin = now(), last = begin;
    while (last - begin < seconds) {
        make_body(&body, entries, &pseq);
        if (at + (off_t)body.len > PLAIN_FILE_BYTES)
            at = 0;
        if (pwrite(fd, body.data, body.len, at) < 0 || fdatasync(fd) < 0)
            exit(1);
        at += (off_t)body.len;
        double t = now();
        samples[rows++ % SAMPLES] = (float)(t - last);
        last = t;
    }
    close(fd);
    report("plain file, fdatasync", entries, rows, last - begin);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

int main(int count, char **arguments)
{
    char folder[4096];
    (void)snprintf(folder, sizeof folder, "%s/onsale-bench-XXXXXX",
                   count > 1 ? arguments[1] : "/tmp");
    double seconds = count > 2 ? strtod(arguments[2], NULL) : 5;
    if (!mkdtemp(folder)) {
        perror(folder);
        return 1;
    }
    static const unsigned entries[] = {1, 40};
    for (size_t i = 0; i < 2; i++) {
        run_plain(folder, entries[i], seconds);
        run_sqlite(folder, entries[i], seconds);
    }
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
