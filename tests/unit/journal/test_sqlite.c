/* What only the SQLite driver has: files, the lock, kills, damage, full disks. */
#include "journal/sqlite.h"
#include "journal/verify.h"
#include "unit/journal/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SMALL_FILE 65536
#define KILLS 60

struct folder {
    char dir[FOLDER_ROOM];
};

static int set_up(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    make_folder(f->dir);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;
    remove_folder(f->dir);
    free(f);
    return 0;
}

static struct journal *open_small(const char *dir)
{
    struct journal_sqlite_options options = {.file_bytes = SMALL_FILE};
    struct journal *journal = NULL;
    struct err err;
    if (journal_sqlite_open(dir, &options, &journal, &err) < 0)
        fail_msg("open: %s", err.detail);
    return journal;
}

static struct journal *open_readonly(const char *dir)
{
    struct journal *journal = NULL;
    struct err err;
    if (journal_sqlite_open_readonly(dir, &journal, &err) < 0)
        fail_msg("open: %s", err.detail);
    return journal;
}

static bool has_file(const char *dir, const char *name)
{
    char path[FOLDER_ROOM + 64];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static bool has_log(const char *dir, unsigned number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "log-%08u.db", number);
    return has_file(dir, name);
}

static void run_sql(const char *dir, unsigned number, const char *sql)
{
    char path[FOLDER_ROOM + 64];
    (void)snprintf(path, sizeof path, "%s/log-%08u.db", dir, number);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Appends rows until file `number` is being written; the helper needs moments to keep up. */
static uint64_t fill_until_file(struct journal *journal, const char *dir, uint64_t n,
                                unsigned number)
{
    while (!has_log(dir, number + 1)) {
        append_numbered(journal, ++n, 3000);
        usleep(200);
    }
    append_numbered(journal, ++n, 3000);
    return n;
}

static void full_files_are_followed_by_new_ones_and_all_rows_are_read(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    uint64_t n = fill_until_file(journal, f->dir, 0, 6);
    struct reading r = read_whole(journal, 1);
    assert_int_equal(r.first, 1);
    assert_int_equal(r.count, n);
    for (uint64_t from = 1; from <= n; from += 7)
        assert_int_equal(read_whole(journal, from).first, from);
    journal_destroy(journal);
    journal = open_small(f->dir);
    assert_int_equal(journal_head(journal).seq, n);
    append_numbered(journal, n + 1, 3000);
    assert_int_equal(read_whole(journal, 1).count, n + 1);
    struct journal_verify_report report;
    struct err err;
    assert_true(journal_verify(journal, NULL, &report, &err) >= 0);
    journal_destroy(journal);
}

static void reading_while_files_change_sees_every_row(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    for (uint64_t n = 1; n <= 400; n++) {
        append_numbered(journal, n, 3000);
        if (n % 5 == 0) {
            uint64_t from = n > 40 ? n - 40 : 1;
            assert_int_equal(read_whole(journal, from).count, n - from + 1);
        }
    }
    assert_true(has_log(f->dir, 3));
    journal_destroy(journal);
}

static void a_clean_end_leaves_no_write_ahead_log(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    fill_until_file(journal, f->dir, 0, 3);
    journal_destroy(journal);
    DIR *dir = opendir(f->dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        assert_null(strstr(entry->d_name, "-wal"));
        assert_null(strstr(entry->d_name, "-shm"));
    }
    closedir(dir);
}

static void only_the_owner_may_look_into_the_folder(void **state)
{
    struct folder *f = *state;
    char dir[FOLDER_ROOM + 8], path[FOLDER_ROOM + 64];
    struct stat about;
    (void)snprintf(dir, sizeof dir, "%s/new", f->dir);
    mode_t before = umask(0);
    struct journal *journal = open_small(dir);
    append_numbered(journal, 1, 10);
    struct err err;
    assert_int_equal(journal_write_snapshot(journal, 1, 1, SLICE("s"), &err), 0);
    umask(before);
    assert_int_equal(stat(dir, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    static const char *const files[] = {"log-00000001.db", "log-00000001.db-wal", "lock",
                                        "snapshots/0000000001-00000000000000000001.snap"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    (void)snprintf(path, sizeof path, "%s/snapshots", dir);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    journal_destroy(journal);
}

static void a_second_process_is_told_who_has_the_folder(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    pid_t child = fork();
    if (child == 0) {
        struct journal *second;
        struct err err = {""};
        char who[32];
        (void)snprintf(who, sizeof who, "(%d)", (int)getppid());
        int got = journal_sqlite_open(f->dir, NULL, &second, &err);
        _exit(got < 0 && strstr(err.detail, "in use") && strstr(err.detail, who) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    append_numbered(journal, 1, 10);
    journal_destroy(journal);
    journal_destroy(open_small(f->dir));
}

/* Appends for ever, telling each acknowledged row over the pipe. */
static void write_until_killed(const char *dir, int pipe_fd)
{
    struct journal_sqlite_options options = {.file_bytes = SMALL_FILE};
    struct journal *journal;
    struct err err;
    if (journal_sqlite_open(dir, &options, &journal, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.detail);
        _exit(1);
    }
    char body[2000];
    memset(body, 'k', sizeof body);
    for (;;) {
        uint64_t n = journal_head(journal).seq + 1;
        memcpy(body, &n, 8);
        struct outcome o = {0};
        journal_append(journal, 1000 * n, slice_make(body, 8 + n * 131 % 1900), note_outcome, &o);
        if (o.outcome != JOURNAL_DURABLE || write(pipe_fd, &n, 8) != 8)
            _exit(1);
    }
}

/* Lets a child write for a moment and kills it; returns the last row it was acknowledged. */
static uint64_t kill_a_writer(const char *dir, unsigned after_us)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        write_until_killed(dir, pipes[1]);
    }
    close(pipes[1]);
    uint64_t acknowledged = 0, n;
    /* The first row is awaited, so that each round adds something; then any moment is as good. */
    if (after_us % 5 != 0)
        (void)!read(pipes[0], &acknowledged, 8);
    usleep(after_us);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(pipes[0], &n, 8) == 8)
        acknowledged = n;
    close(pipes[0]);
    return acknowledged;
}

static void kill_9_at_any_moment_loses_no_acknowledged_row(void **state)
{
    struct folder *f = *state;
    uint64_t acknowledged = 0;
    srandom(7);
    for (int i = 0; i < KILLS; i++) {
        uint64_t got = kill_a_writer(f->dir, (unsigned)random() % 30000);
        acknowledged = got > acknowledged ? got : acknowledged;
        if (i % 2 == 0) { /* a tool looks at it first */
            struct journal *journal = open_readonly(f->dir);
            assert_true(journal_head(journal).seq >= acknowledged);
            assert_int_equal(read_whole(journal, 1).count, journal_head(journal).seq);
            journal_destroy(journal);
        }
        if (i % 3 == 0) {
            struct journal *journal = open_small(f->dir);
            uint64_t head = journal_head(journal).seq;
            assert_in_range(head, acknowledged, acknowledged + 1 + (got == 0));
            assert_int_equal(read_whole(journal, 1).count, head);
            journal_destroy(journal);
        }
    }
    assert_true(acknowledged > KILLS / 2);
    assert_true(has_log(f->dir, 3));
}

/* Copies of all files' sizes and times, to see that nothing was touched. */
static void describe_folder(const char *dir, struct buf *out)
{
    DIR *d = opendir(dir);
    for (struct dirent *entry = readdir(d); entry; entry = readdir(d)) {
        char path[FOLDER_ROOM + 300];
        struct stat about;
        if (strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        assert_int_equal(stat(path, &about), 0);
        buf_append_format(out, "%s %lld %lld.%09ld\n", entry->d_name, (long long)about.st_size,
                          (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
    }
    closedir(d);
}

static void a_tool_reads_the_folder_of_a_killed_process_without_touching_it(void **state)
{
    struct folder *f = *state;
    uint64_t acknowledged = kill_a_writer(f->dir, 60001);
    BUF_AUTO struct buf before = BUF_INIT;
    BUF_AUTO struct buf after = BUF_INIT;
    describe_folder(f->dir, &before);
    struct journal *journal = open_readonly(f->dir);
    assert_true(journal_head(journal).seq >= acknowledged);
    assert_int_equal(read_whole(journal, 1).count, journal_head(journal).seq);
    struct outcome o = append(journal, 1, SLICE("x"));
    assert_int_equal(o.outcome, JOURNAL_FAILED);
    assert_false(journal_writable(journal));
    struct err err;
    assert_true(journal_write_snapshot(journal, 1, 1, SLICE("s"), &err) < 0);
    journal_destroy(journal);
    describe_folder(f->dir, &after);
    assert_true(slice_equal(buf_slice(&before), buf_slice(&after)));
}

static void a_tool_reads_beside_a_running_writer(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    for (uint64_t n = 1; n <= 200; n++) {
        append_numbered(journal, n, 2000);
        if (n % 20 == 0) {
            struct journal *tool = open_readonly(f->dir);
            assert_int_equal(journal_head(tool).seq, n);
            assert_int_equal(read_whole(tool, 1).count, n);
            journal_destroy(tool);
        }
    }
    journal_destroy(journal);
}

static void a_tool_is_told_when_there_is_no_folder_and_an_empty_one_is_empty(void **state)
{
    struct folder *f = *state;
    char missing[FOLDER_ROOM + 16];
    (void)snprintf(missing, sizeof missing, "%s/missing", f->dir);
    struct journal *journal;
    struct err err;
    assert_true(journal_sqlite_open_readonly(missing, &journal, &err) < 0);
    assert_non_null(strstr(err.detail, "missing"));
    journal = open_readonly(f->dir);
    assert_int_equal(journal_head(journal).seq, 0);
    assert_int_equal(read_whole(journal, 1).count, 0);
    BUF_AUTO struct buf out = BUF_INIT;
    uint64_t seq;
    assert_int_equal(journal_read_snapshot(journal, 1, &out, &seq, &err), 0);
    journal_destroy(journal);
}

/* Flips one bit in the middle of what stands behind `mark` in a file. */
static void flip_bit_behind(const char *path, const char *mark, size_t behind)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    char *bytes = malloc((size_t)about.st_size);
    assert_int_equal(pread(fd, bytes, (size_t)about.st_size, 0), about.st_size);
    char *at = memmem(bytes, (size_t)about.st_size, mark, strlen(mark));
    assert_non_null(at);
    char byte = (char)(at[behind] ^ 16);
    assert_int_equal(pwrite(fd, &byte, 1, at - bytes + (off_t)behind), 1);
    free(bytes);
    close(fd);
}

static void a_flipped_bit_on_disk_is_found_and_named(void **state)
{
    struct folder *f = *state;
    struct journal *journal;
    struct err err;
    assert_int_equal(journal_sqlite_open(f->dir, NULL, &journal, &err), 0);
    BUF_AUTO struct buf body = BUF_INIT;
    for (uint64_t n = 1; n <= 30; n++) {
        char text[64];
        buf_clear(&body);
        (void)snprintf(text, sizeof text, "the entry number %d of this test", (int)n);
        add_frame(&body, 1, n, n, text);
        append_durable(journal, n, buf_slice(&body));
    }
    journal_destroy(journal);
    char path[FOLDER_ROOM + 32];
    (void)snprintf(path, sizeof path, "%s/log-00000001.db", f->dir);
    flip_bit_behind(path, "the entry number 17 of", 12);
    journal = open_readonly(f->dir);
    struct journal_verify_report report;
    assert_int_equal(journal_verify(journal, NULL, &report, &err), 1);
    assert_int_equal(report.culprit_row, 17);
    assert_int_equal(report.rows, 16);
    assert_non_null(strstr(report.culprit_what, "row 17"));
    journal_destroy(journal);
}

static void a_lost_row_and_a_lost_file_are_named(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    fill_until_file(journal, f->dir, 0, 4);
    journal_destroy(journal);
    run_sql(f->dir, 2, "DELETE FROM log WHERE seq = (SELECT first_seq + 1 FROM file)");
    journal = open_small(f->dir);
    struct reading r = {0};
    struct err err;
    assert_true(journal_read(journal, 1, note_row, &r, &err) < 0);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "row %d is missing", (int)r.last + 1);
    assert_non_null(strstr(err.detail, expected));
    journal_destroy(journal);
    char path[FOLDER_ROOM + 32];
    (void)snprintf(path, sizeof path, "%s/log-00000002.db", f->dir);
    assert_int_equal(unlink(path), 0);
    assert_true(journal_sqlite_open(f->dir, NULL, &journal, &err) < 0);
    assert_non_null(strstr(err.detail, "missing between"));
}

static void a_file_that_does_not_continue_the_one_before_is_named(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    fill_until_file(journal, f->dir, 0, 3);
    journal_destroy(journal);
    run_sql(f->dir, 2, "UPDATE file SET previous_hash = zeroblob(32)");
    journal = open_small(f->dir);
    struct reading r = {0};
    struct err err;
    assert_true(journal_read(journal, 1, note_row, &r, &err) < 0);
    assert_non_null(strstr(err.detail, "log-00000002.db"));
    journal_destroy(journal);
    run_sql(f->dir, 2, "UPDATE file SET version = 9");
    journal = open_small(f->dir);
    assert_true(journal_read(journal, 1, note_row, &r, &err) < 0);
    assert_non_null(strstr(err.detail, "format version 9"));
    journal_destroy(journal);
}

static void a_foreign_or_broken_database_is_refused(void **state)
{
    struct folder *f = *state;
    struct journal *journal;
    struct err err;
    run_sql(f->dir, 1, "CREATE TABLE other(x); INSERT INTO other VALUES(1)");
    assert_true(journal_sqlite_open(f->dir, NULL, &journal, &err) < 0);
    assert_non_null(strstr(err.detail, "not of a journal"));
    char path[FOLDER_ROOM + 32];
    (void)snprintf(path, sizeof path, "%s/log-00000001.db", f->dir);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 5000; i++)
        (void)fputs("no database ", file);
    (void)fclose(file);
    assert_true(journal_sqlite_open(f->dir, NULL, &journal, &err) < 0);
    assert_non_null(strstr(err.detail, "log-00000001.db"));
}

static void snapshots_from_beyond_the_last_row_stop_the_start(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    struct err err;
    append_numbered(journal, 1, 10);
    append_numbered(journal, 2, 10);
    assert_int_equal(journal_write_snapshot(journal, 4, 2, SLICE("s"), &err), 0);
    journal_destroy(journal);
    run_sql(f->dir, 1, "DELETE FROM log WHERE seq = 2");
    assert_true(journal_sqlite_open(f->dir, NULL, &journal, &err) < 0);
    assert_non_null(strstr(err.detail, "partition 4"));
}

static void older_snapshots_go_away_and_a_torn_one_counts_as_none(void **state)
{
    struct folder *f = *state;
    struct journal *journal = open_small(f->dir);
    struct err err;
    for (uint64_t n = 1; n <= 4; n++) {
        append_numbered(journal, n, 10);
        assert_int_equal(journal_write_snapshot(journal, 1, n, SLICE("content"), &err), 0);
    }
    assert_false(has_file(f->dir, "snapshots/0000000001-00000000000000000002.snap"));
    assert_true(has_file(f->dir, "snapshots/0000000001-00000000000000000003.snap"));
    char path[FOLDER_ROOM + 80];
    for (uint64_t n = 4; n >= 3; n--) {
        (void)snprintf(path, sizeof path, "%s/snapshots/0000000001-%020llu.snap", f->dir,
                       (unsigned long long)n);
        assert_int_equal(truncate(path, n == 4 ? 58 : 20), 0);
        BUF_AUTO struct buf out = BUF_INIT;
        uint64_t seq = 0;
        assert_int_equal(journal_read_snapshot(journal, 1, &out, &seq, &err), n == 4 ? 1 : 0);
        assert_int_equal(seq, n == 4 ? 3 : 0);
    }
    journal_destroy(journal);
}

/* Appends until it does not work any more; returns the rows that were acknowledged. */
static uint64_t append_until_refused(struct journal *journal, struct outcome *ret_last)
{
    char body[5000];
    memset(body, 'f', sizeof body);
    for (uint64_t n = journal_head(journal).seq;;) {
        n++;
        memcpy(body, &n, 8);
        struct outcome o = append(journal, 1000 * n, slice_make(body, sizeof body));
        if (o.outcome != JOURNAL_DURABLE) {
            *ret_last = o;
            return n - 1;
        }
    }
}

/* The child's part of the test below: exit code 0 when all was as it should be. */
static void meet_the_file_size_limit(const char *dir)
{
    struct journal_sqlite_options options = {.file_bytes = 8 << 20, .no_ahead = true};
    struct journal *journal;
    struct err err;
    struct rlimit limit = {1 << 20, 1 << 20};
    signal(SIGXFSZ, SIG_IGN);
    if (journal_sqlite_open(dir, &options, &journal, &err) < 0 ||
        setrlimit(RLIMIT_FSIZE, &limit) < 0)
        _exit(1);
    struct outcome last;
    uint64_t rows = append_until_refused(journal, &last);
    /* The limit is no full disk to SQLite but a failed write, so its effect is not known. */
    if (last.outcome != JOURNAL_UNKNOWN || rows < 50 || journal_head(journal).seq != rows)
        _exit(2);
    struct outcome o = {0};
    journal_append(journal, 1, SLICE("after"), note_outcome, &o);
    if (o.outcome != JOURNAL_FAILED || journal_writable(journal))
        _exit(3);
    journal_destroy(journal);
    _exit(0);
}

static void a_failed_write_is_unknown_and_a_new_start_tells(void **state)
{
    struct folder *f = *state;
    pid_t child = fork();
    if (child == 0)
        meet_the_file_size_limit(f->dir);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct journal *journal = open_small(f->dir);
    uint64_t head = journal_head(journal).seq;
    assert_true(head >= 50);
    assert_int_equal(read_whole(journal, 1).count, head);
    append_numbered(journal, head + 1, 10);
    journal_destroy(journal);
}

static void a_file_that_cannot_be_prepared_lets_the_current_one_grow(void **state)
{
    struct folder *f = *state;
    char path[FOLDER_ROOM + 32];
    struct journal *journal = open_small(f->dir);
    (void)snprintf(path, sizeof path, "%s/log-00000003.db", f->dir);
    assert_int_equal(mkdir(path, 0700), 0); /* in the way */
    uint64_t n = 0;
    while (n < 150) {
        append_numbered(journal, ++n, 3000);
        usleep(200);
    }
    assert_false(has_log(f->dir, 4));
    assert_int_equal(read_whole(journal, 1).count, n);
    assert_int_equal(rmdir(path), 0);
    n = fill_until_file(journal, f->dir, n, 3);
    assert_int_equal(read_whole(journal, 1).count, n);
    journal_destroy(journal);
}

/* A disk whose syncs fail while `sync_fails`: SQLite's own file layer with that one call replaced
 * for write-ahead logs. */
static bool sync_fails;
static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods changed_methods;

static int maybe_sync(sqlite3_file *file, int flags)
{
    return sync_fails ? SQLITE_IOERR_FSYNC : real_methods->xSync(file, flags);
}

static int open_changed(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                        int *ret_flags)
{
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, ret_flags);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
        real_methods = file->pMethods;
        changed_methods = *file->pMethods;
        changed_methods.xSync = maybe_sync;
        file->pMethods = &changed_methods;
    }
    return code;
}

/* In a child: exit code 0 when all was as it should be. */
static void meet_a_failing_sync(const char *dir)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "failing";
    vfs.xOpen = open_changed;
    struct journal_sqlite_options options = {.no_ahead = true};
    struct journal *journal;
    struct err err;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK ||
        journal_sqlite_open(dir, &options, &journal, &err) < 0)
        _exit(1);
    for (uint64_t n = 1; n <= 5; n++)
        append_numbered(journal, n, 100);
    sync_fails = true;
    struct outcome o = append(journal, 6000, SLICE("\6\0\0\0\0\0\0\0"));
    if (o.calls != 1 || o.outcome != JOURNAL_UNKNOWN || journal_head(journal).seq != 5)
        _exit(2);
    sync_fails = false; /* the kernel may say that all is well again; it is not */
    o = append(journal, 7000, SLICE("after"));
    if (o.outcome != JOURNAL_FAILED || journal_writable(journal) || journal_head(journal).seq != 5)
        _exit(3);
    journal_destroy(journal);
    _exit(0);
}

static void a_failed_sync_is_unknown_and_ends_writing(void **state)
{
    struct folder *f = *state;
    pid_t child = fork();
    if (child == 0)
        meet_a_failing_sync(f->dir);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct journal *journal = open_small(f->dir);
    uint64_t head = journal_head(journal).seq;
    assert_in_range(head, 5, 6); /* unknown means either */
    assert_int_equal(read_whole(journal, 1).count, head);
    append_numbered(journal, head + 1, 10);
    journal_destroy(journal);
}

/* The part of the test below that runs in a child, so that a failure leaves no mount behind. */
static void meet_a_full_disk(const char *dir)
{
    char ballast[FOLDER_ROOM + 16];
    (void)snprintf(ballast, sizeof ballast, "%s/ballast", dir);
    int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || posix_fallocate(fd, 0, 1 << 19) != 0)
        _exit(1);
    close(fd);
    struct journal_sqlite_options options = {
        .file_bytes = 64 << 20, .reserve_bytes = 1, .space_check_us = 1, .no_ahead = true};
    struct journal *journal;
    struct err err;
    if (journal_sqlite_open(dir, &options, &journal, &err) < 0)
        _exit(2);
    struct outcome last;
    uint64_t rows = append_until_refused(journal, &last);
    bool refused = last.outcome == JOURNAL_UNKNOWN || last.outcome == JOURNAL_NO_SPACE;
    if (rows < 50 || !refused || journal_head(journal).seq != rows)
        _exit(3);
    journal_destroy(journal); /* a start finds the disk still full */
    if (journal_sqlite_open(dir, &options, &journal, &err) < 0)
        _exit(7);
    rows = journal_head(journal).seq;
    if (unlink(ballast) < 0)
        _exit(4);
    usleep(10);
    uint64_t n = rows + 1;
    struct outcome o = {0};
    journal_append(journal, 1000 * n, slice_make(&n, 8), note_outcome, &o);
    if (o.outcome != JOURNAL_DURABLE || journal_head(journal).seq != n)
        _exit(5);
    struct reading r = {.numbered = true};
    if (journal_read(journal, 1, note_row, &r, &err) != 0 || r.count != n)
        _exit(6);
    _exit(0); /* as if killed */
}

static void a_start_on_a_full_disk_succeeds_and_writes_when_there_is_space(void **state)
{
    struct folder *f = *state;
    if (mount("none", f->dir, "tmpfs", 0, "size=2m") < 0) {
        print_message("skipped: no tmpfs can be mounted here (%s)\n", strerror(errno));
        skip();
    }
    pid_t child = fork();
    if (child == 0)
        meet_a_full_disk(f->dir);
    int status = -1;
    waitpid(child, &status, 0);
    struct journal *journal = NULL;
    struct err err;
    int opened = journal_sqlite_open_readonly(f->dir, &journal, &err);
    uint64_t head = opened == 0 ? journal_head(journal).seq : 0;
    struct reading r = {.numbered = true};
    int got = opened == 0 ? journal_read(journal, 1, note_row, &r, &err) : -1;
    journal_destroy(journal);
    assert_int_equal(umount(f->dir), 0);
    assert_int_equal(status, 0);
    assert_int_equal(got, 0);
    assert_true(head > 50 && r.count == head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        T(full_files_are_followed_by_new_ones_and_all_rows_are_read),
        T(reading_while_files_change_sees_every_row),
        T(a_clean_end_leaves_no_write_ahead_log),
        T(only_the_owner_may_look_into_the_folder),
        T(a_second_process_is_told_who_has_the_folder),
        T(kill_9_at_any_moment_loses_no_acknowledged_row),
        T(a_tool_reads_the_folder_of_a_killed_process_without_touching_it),
        T(a_tool_reads_beside_a_running_writer),
        T(a_tool_is_told_when_there_is_no_folder_and_an_empty_one_is_empty),
        T(a_flipped_bit_on_disk_is_found_and_named),
        T(a_lost_row_and_a_lost_file_are_named),
        T(a_file_that_does_not_continue_the_one_before_is_named),
        T(a_foreign_or_broken_database_is_refused),
        T(snapshots_from_beyond_the_last_row_stop_the_start),
        T(older_snapshots_go_away_and_a_torn_one_counts_as_none),
        T(a_failed_write_is_unknown_and_a_new_start_tells),
        T(a_file_that_cannot_be_prepared_lets_the_current_one_grow),
        T(a_failed_sync_is_unknown_and_ends_writing),
        T(a_start_on_a_full_disk_succeeds_and_writes_when_there_is_space),
    };
    return cmocka_run_group_tests_name("journal sqlite", tests, NULL, NULL);
}
